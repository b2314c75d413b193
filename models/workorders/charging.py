"""有偿服务 after the work (domain rules T15–T17): its bill, what follows when it is paid, waived, disputed or left unpaid."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.once import bill_once, in_words
from models.billing.publish import reverse
from models.billing.tables import Bill
from models.billing.tariffs import item_of
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import Home
from models.money import shown
from models.workorders.actors import Actor, system_actor
from models.workorders.announce import tell_each, tell_office
from models.workorders.move import Mark, Step, advance, hats, not_found, note
from models.workorders.place import snapshot, view_of
from models.workorders.quoting import decides_there, payers_of, works_words
from models.workorders.service_tables import Quote
from models.workorders.states import STATE_NAMES, WAIT_PAY
from models.workorders.tables import WorkOrder

_NEWS = {
    "paid": "费用交清，请评价",
    "waived": "费用免收，请评价",
    "upheld": "费用核对过，不变",
    "unpaid": "费用记入账单，请评价",
}
PAY_WITHIN = timedelta(hours=72)  # then it is a debt like any other, and the order goes on (T17)


def charge(session: Session, order: WorkOrder, agreed: Quote, *, now: datetime, by: str) -> Bill:
    """The bill of what was agreed on, due in three days. Raises AlreadyDone when the quote was billed or withdrawn meanwhile."""
    home = session.get_one(Home, order.home_id)
    bill = bill_once(
        session,
        home,
        item_of(session, order.company_id, "SPECIAL"),
        agreed.fen,
        start=now.date(),
        end=now.date(),
        due_on=(now + PAY_WITHIN).date(),
        basis=in_words(f"工单 #{order.id} 的有偿服务，动手前您同意的报价：{works_words(agreed)}。"),
        by=by,
        now=now,
    )
    hit = session.execute(
        sa.update(Quote)
        .where(Quote.id == agreed.id, Quote.state == "agreed")
        .values(state="billed", bill_id=bill.id)
        .returning(Quote.id)
        .execution_options(synchronize_session=False)
    ).first()
    if hit is None:
        raise AlreadyDone(f"#{order.id} 的报价刚刚变了，请再看一下。")
    return bill


def tell_to_pay(session: Session, order: WorkOrder, agreed: Quote, mark: Mark, *, result: str) -> None:
    data = snapshot(
        order,
        view_of(session, order),
        state=f"修好了，请交{shown(agreed.fen)}",
        result=result,
        works=works_words(agreed),
        total=shown(agreed.fen),
    )
    tell_each(session, payers_of(session, order), mark, "order_to_pay", data)


def bills_paid(session: Session, bill_ids: Sequence[int], *, receipt: str, now: datetime) -> None:
    """T16: the orders whose bills these were go on to 待评价. `receipt` is its number, "" when it came from what was held.

    The money has moved already, so nothing here may stop it: an order that went on in the meantime is left where it is.
    """
    orders = session.scalars(
        sa.select(WorkOrder)
        .join(Quote, Quote.order_id == WorkOrder.id)
        .where(Quote.bill_id.in_(bill_ids), WorkOrder.state == WAIT_PAY)
        .order_by(WorkOrder.id)
    ).all()
    for order in orders:
        try:
            mark = advance(session, order, [Step("paid")], actor=system_actor(order.company_id), now=now)
        except AlreadyDone:
            continue
        _tell(session, order, mark, "paid", receipt=receipt)


def waive(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, reason: str) -> None:
    """T16 by the manager: the bill is taken back and the order goes on. Raises Refusal without a reason, or when paid on."""
    bill = _bill_of(session, order, actor)
    if not reason.strip():
        raise Refusal(f"为什么免收？请说一句，比如「免收 {order.id} 换的阀有质量问题」。")
    if bill.paid:
        raise Refusal(f"#{order.id} 的费用已经收了{shown(bill.paid)}，不能免收。要退钱，请先办退款。")
    # The bill first, then the order: paying takes the two in the same order, so neither waits for the other for ever.
    reverse(session, bill, reason=f"免收：{reason}"[:100], by=actor.log_name, now=now)
    mark = advance(session, order, [Step("waive", reason=reason, details={"bill": bill.id})], actor=actor, now=now)
    _tell(session, order, mark, "waived")


def dispute(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, reason: str) -> None:
    """T17 费用有异议: the manager decides; the time to pay begins anew. Raises Refusal without words of why."""
    if not reason.strip():
        raise Refusal(f"您觉得哪里不对？请说一句，比如「费用有异议 {order.id} 没换软管」。")
    if not decides_there(session, order, actor):
        raise NotFound(not_found(order.id))
    mark = advance(session, order, [Step("dispute", reason=reason)], actor=actor, now=now)
    data = snapshot(order, view_of(session, order), total=shown(_bill(session, order).amount), reason=reason)
    tell_office(session, order, mark, "fee_disputed", data, actor=actor)


def uphold(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, reason: str) -> None:
    """维持收费: the manager has looked at it, and the home hears why it stays. Raises Refusal without a reason."""
    _bill_of(session, order, actor)
    if not reason.strip():
        raise Refusal(f"请说明理由，住户会看到，比如「维持收费 {order.id} 软管已更换，旧管在前台」。")
    mark = note(session, order, Step("uphold", reason=reason), actor=actor, now=now, role="manager")
    _tell(session, order, mark, "upheld", reason=reason)


def left_unpaid(session: Session, order: WorkOrder, *, now: datetime) -> None:
    """T17: three days are over. The bill stays open like any other, the order goes on. Raises Refusal before that."""
    if order.state == WAIT_PAY and now - order.moved_at < PAY_WITHIN:
        raise Refusal(f"#{order.id} 还在等付款。")
    mark = advance(session, order, [Step("unpaid")], actor=system_actor(order.company_id), now=now)
    _tell(session, order, mark, "unpaid")


def unpaid_too_long(session: Session, now: datetime, *, limit: int = 200) -> list[int]:
    """Orders whose three days are over; `left_unpaid` looks closely."""
    over = sa.select(WorkOrder.id).where(WorkOrder.state == WAIT_PAY, WorkOrder.moved_at <= now - PAY_WITHIN)
    return list(session.scalars(over.order_by(WorkOrder.id).limit(limit)))


def open_bill(session: Session, order: WorkOrder) -> Bill | None:
    """What of a repair is still to be paid, also when it has become an ordinary debt."""
    bill = session.scalars(_bills(order)).first()
    return bill if bill is not None and bill.state == "posted" and bill.paid < bill.amount else None


def _bill_of(session: Session, order: WorkOrder, actor: Actor) -> Bill:
    """The open bill of an order that waits for it, for its manager."""
    if "manager" not in hats(order, actor):
        raise Refusal("费用的事由经理决定。")
    if order.state != WAIT_PAY:
        raise Refusal(f"#{order.id} 现在是「{STATE_NAMES[order.state]}」，没有等着付的费用。")
    return _bill(session, order)


def _bill(session: Session, order: WorkOrder) -> Bill:
    return session.scalars(_bills(order)).one()


def _bills(order: WorkOrder) -> sa.Select[Bill]:
    """The newest bill of an order; one mended twice may have two."""
    billed = sa.select(Bill).join(Quote, Quote.bill_id == Bill.id).where(Quote.order_id == order.id)
    return billed.order_by(Quote.id.desc()).limit(1)


def _tell(session: Session, order: WorkOrder, mark: Mark, how: str, *, receipt: str = "", reason: str = "") -> None:
    data = snapshot(
        order,
        view_of(session, order),
        state=_NEWS[how],
        how=how,
        total=shown(_bill(session, order).amount),
        receipt=receipt,
        reason=reason,
    )
    tell_each(session, payers_of(session, order), mark, "order_fee", data)
