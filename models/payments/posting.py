"""The steps by which what was paid for an order becomes true, for one order or for several in one go (confirm.py)."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from models.billing.closed_months import after_closed
from models.billing.queries import BillLine
from models.db import plain
from models.errors import AlreadyDone
from models.messaging.outbox import Promise
from models.money import shown
from models.payments import online
from models.payments.actions import Money, Posted, Taken, give_receipt, put_in_books
from models.payments.facts import Transaction
from models.payments.online_tables import OnlineOrder
from models.payments.ordered import Ordered
from models.payments.receipts import number_of
from models.payments.tables import Payment
from models.payments.troubles import keep_trouble


def put(
    session: Session,
    ordered: Ordered,
    told: Transaction,
    *,
    late: bool = False,
    former: int | None = None,
    owed: Sequence[BillLine] | None = None,
    now: datetime,
) -> Posted:
    """An order's money, put in the books; `owed`, if that was asked already, is what its home owes.

    Raises AlreadyDone when this number of WeChat's was taken before.
    """
    order = ordered.order
    payer = payer_of(order, told)
    return put_in_books(
        session, ordered.home, Money(order.fen, "wechat", told.transaction_id, order.payer, order.account, payer),
        purse=ordered.purse, chosen=() if late else order.chosen,
        beyond=former is not None or not (late or order.hold or order.chosen), former=former,
        principal_first=ordered.terms is not None and ordered.terms.principal_first, by=f"wechat:{order.number}",
        now=after_closed(ordered.closed, now), is_dated=True, owed=owed,
    )  # fmt: skip


def finish(
    session: Session,
    ordered: Ordered,
    told: Transaction,
    posted: Posted,
    *,
    late: bool = False,
    number: int | None = None,
    now: datetime,
) -> Sequence[Promise]:
    """What comes last: the receipt (with that number, if it was taken already) and what a person must look at. Returns what the
    payer is to be told."""
    order = ordered.order
    if late:
        keep_trouble(
            session, "late_payment", order.number, "单已经关了钱还是到了，先存作预存款，请联系业主。", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
    elif order.chosen and not posted.bills:
        keep_trouble(
            session, "second_payment", order.number, "账单已经有人交了，这笔存作预存款，请联系业主。", order=order,
            transaction_id=told.transaction_id, fen=told.total, now=now,
        )  # fmt: skip
    return _words_to_payer(ordered, give_receipt(session, posted, number), payer_of(order, told), late=late)


def payer_of(order: OnlineOrder, told: Transaction) -> str:
    return told.openid or order.openid


def may_be_written_to(order: OnlineOrder, told: Transaction) -> bool:
    """Whoever pays may be; what was taken by a contract is no word of theirs."""
    return bool(payer_of(order, told)) and order.way != online.ENTRUSTED


def is_paid(session: Session, order: OnlineOrder, payment: Payment, transaction_id: str, now: datetime) -> None:
    """From whatever state it was read in. Raises AlreadyDone: that undoes the posting; whoever was first has posted it."""
    after = {"state": "paid", "transaction_id": transaction_id, "payment_id": payment.id, "ended_at": now}
    moved = session.execute(_MOVE, {"order": order.id, "before": order.state, **after}).first()
    if moved is None:
        raise AlreadyDone("这笔付款刚刚已经入账。")
    for name, value in after.items():
        set_committed_value(order, name, value)


_MOVE = (
    sa.update(plain(OnlineOrder))
    .where(plain(OnlineOrder).c.id == sa.bindparam("order"), plain(OnlineOrder).c.state == sa.bindparam("before"))
    .values({name: sa.bindparam(name) for name in ("state", "transaction_id", "payment_id", "ended_at")})
    .returning(plain(OnlineOrder).c.id)
)


def _words_to_payer(ordered: Ordered, taken: Taken, openid: str, *, late: bool) -> Sequence[Promise]:
    order = ordered.order
    if not openid or not order.account:  # nobody we could write to
        return ()
    lines = "\n".join(f"{line.words}　{shown(line.fen)}" for line in taken.positions)
    data = {
        "home": ordered.home.label, "amount": shown(order.fen), "receipt": number_of(taken.receipt), "lines": lines,
        "prepaid": shown(taken.prepaid) if taken.prepaid else "", "late": late, "page": f"/m/receipt/{taken.receipt.id}",
    }  # fmt: skip
    return (Promise(order.account, openid, "payment_received", data, f"order:{order.id}"),)
