"""What the worker on an order does: take it or give it back, come, wait, go on, finish."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import NotFound, Refusal
from models.people.tables import Staff, StaffTrade
from models.workorders.actors import Actor, system_actor
from models.workorders.announce import tell_owner, tell_staff
from models.workorders.attachments import DONE, Sent, attach, has_work_photo
from models.workorders.categories import CERTIFIED_TRADES
from models.workorders.charging import charge, tell_to_pay
from models.workorders.dispatch import Dispatched, dispatch, hand_to
from models.workorders.move import Step, advance, hats, not_found
from models.workorders.place import snapshot, view_of
from models.workorders.quoting import agreed_quote
from models.workorders.reopening import is_managers
from models.workorders.states import ACCEPTED, DISPATCHED, PAUSED, TAKEN
from models.workorders.tables import WorkOrder

_LOCAL = ZoneInfo("Asia/Shanghai")

# The only reasons an order may wait for (domain rules 2.2); being busy is not one, 转单 is for that.
PAUSE_REASONS = ("等配件", "等业主", "等外委", "等维修资金", "天气")


def take(session: Session, order: WorkOrder, *, now: datetime, actor: Actor) -> None:
    """T7 接单, or T6 when the order waits for anybody: the first one gets it. The owner hears who comes.

    Raises AlreadyDone for whoever comes second, Refusal without the trade, NotFound outside the compound.
    """
    _take(session, order, now, actor)


def hand_back(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, reason: str) -> Dispatched:
    """T8 退单: the order goes to the next one at once, never back to the same person. Raises Refusal without a reason."""
    if not reason.strip():
        raise Refusal(f"为什么退？请说一下原因，比如「退单 {order.id} 没有这个配件」。")
    giver = order.staff_id
    advance(
        session,
        order,
        [Step("hand_back", reason=reason, staff_id=giver)],
        actor=actor,
        now=now,
        changes=without_worker(order, exclude=giver),
    )
    return dispatch(session, order, now=now, actor=system_actor(order.company_id))


def transfer(
    session: Session, order: WorkOrder, receiver: Staff, *, now: datetime, actor: Actor, reason: str = ""
) -> None:
    """T10 转单: the receiver must take it. Colleagues know best who can mend a thing, so only the law is checked here:
    electrical work needs a valid certificate. Raises Refusal without one, or if they have the order already."""
    if receiver.id == order.staff_id:
        raise Refusal(f"#{order.id} 本来就在{receiver.name}手上。")
    if order.trade in CERTIFIED_TRADES:
        _must_have_trade(session, receiver.id, receiver.name, order, now)
    before = view_of(session, order)
    mark = advance(
        session,
        order,
        [Step("transfer", reason=reason, staff_id=receiver.id)],
        actor=actor,
        now=now,
        changes={
            "staff_id": receiver.id,
            "dispatched_at": now,
            "taken_at": None,
            "arrived_at": None,
            "paused_at": None,
        },
    )
    view = view_of(session, order)
    hand_to(session, order, view, mark)
    if before.worker is not None and before.worker.staff_id != actor.staff_id:
        tell_staff(session, before.worker, mark, "order_reassigned", snapshot(order, view))


def arrive(session: Session, order: WorkOrder, *, now: datetime, actor: Actor) -> None:
    """T11 到场. Who comes without having said 接单 has taken it by coming."""
    if order.state in (ACCEPTED, DISPATCHED):
        _take(session, order, now, actor)
    mark = advance(session, order, [Step("arrive")], actor=actor, now=now, changes={"arrived_at": now})
    view = view_of(session, order)
    tell_owner(session, order, mark, "order_arrived", snapshot(order, view), actor=actor)


def pause(
    session: Session, order: WorkOrder, *, now: datetime, actor: Actor, reason: str, until: date | None = None
) -> None:
    """T12 挂起: the owner hears why and until when. Raises Refusal for a reason that is none (`PAUSE_REASONS`)."""
    if pause_reason(reason) is None:
        raise Refusal(f"可以挂起的原因有：{'、'.join(PAUSE_REASONS)}。请说「挂起 {order.id} 等配件 周五到」这样的话。")
    until_moment = datetime.combine(until, time(8), tzinfo=_LOCAL) if until else None
    if until_moment is not None and until_moment <= now:
        raise Refusal("挂起到哪天要写以后的日子。")
    before = order.state
    mark = advance(
        session,
        order,
        [Step("pause", reason=reason, details={"until": until.isoformat() if until else ""})],
        actor=actor,
        now=now,
        changes={
            "state_before_pause": before,
            "paused_at": now,
            "pause_reason": reason[:64],
            "pause_until": until_moment,
        },
    )
    view = view_of(session, order)
    data = snapshot(order, view, reason=reason, until=f"{until.month}月{until.day}日" if until else "")
    tell_owner(session, order, mark, "order_paused", data, actor=actor)


def resume(session: Session, order: WorkOrder, *, now: datetime, actor: Actor) -> None:
    """T13: go on where it stood before the pause."""
    mark = advance(session, order, [Step("resume")], actor=actor, now=now, changes=after_pause(order, now))
    view = view_of(session, order)
    tell_owner(session, order, mark, "order_resumed", snapshot(order, view), actor=actor)
    if view.worker is not None and view.worker.staff_id != actor.staff_id:
        tell_staff(session, view.worker, mark, "order_resumed", snapshot(order, view))


def finish(
    session: Session, order: WorkOrder, *, now: datetime, actor: Actor, result: str, photos: Sequence[Sent] = ()
) -> None:
    """T14 完工, with the steps that were done but not said (接单, 到场, the end of a pause). The owner is asked for 1–5; with an
    agreed quote it is T15: the work is billed, and the home is asked to pay.

    Raises Refusal without a result, without a picture where one is the proof (P0, P1 and public parts), and while a quote waits
    for its answer.
    """
    steps, changes = steps_to_the_end(order, now)
    agreed = agreed_quote(session, order)
    if not result.strip():
        raise Refusal(f"修了什么？请说一句，比如「完工 {order.id} 换了角阀」。")
    if not photos and needs_photo(session, order):
        raise Refusal(f"#{order.id} 要留一张完工照片。请先发照片，再说「完工 {order.id} {result}」。")
    mark = advance(
        session,
        order,
        [*steps, Step("done" if agreed is None else "done_paid", reason=result)],
        actor=actor,
        now=now,
        changes={**changes, "done_at": now, "result": result, "rating": None, "rated_at": None, "unrated": False},
    )
    attach(session, order.id, photos, stage=DONE, by=actor.name, now=now)
    if agreed is not None:
        charge(session, order, agreed, now=now, by=actor.log_name)
        tell_to_pay(session, order, agreed, mark, result=result)
        return
    view = view_of(session, order)
    tell_owner(session, order, mark, "order_done", snapshot(order, view, result=result), actor=actor)


def needs_photo(session: Session, order: WorkOrder) -> bool:
    """Whether a picture is still missing as the proof of the work: for P0, P1 and public parts."""
    return (order.public or order.priority in ("P0", "P1")) and not has_work_photo(session, order.id)


def pause_reason(text: str) -> str | None:
    """Which of the allowed reasons somebody's words contain, or None."""
    return next((reason for reason in PAUSE_REASONS if reason.removeprefix("等") in text), None)


def after_pause(order: WorkOrder, now: datetime) -> dict[str, object]:
    """What a row forgets and remembers when a pause ends: the time it cost does not count against anybody."""
    seconds = int((now - order.paused_at).total_seconds()) if order.paused_at else 0
    return {"paused_at": None, "pause_until": None, "paused_seconds": order.paused_seconds + max(seconds, 0)}


def without_worker(order: WorkOrder, *, exclude: int | None) -> dict[str, object]:
    """What a row forgets when nobody has it any more."""
    excluded = sorted({*order.excluded, exclude}) if exclude is not None else list(order.excluded)
    return {"staff_id": None, "dispatched_at": None, "taken_at": None, "excluded": excluded}


def _take(session: Session, order: WorkOrder, now: datetime, actor: Actor) -> None:
    if not hats(order, actor):
        raise NotFound(not_found(order.id))
    grabbed = order.state == ACCEPTED
    changes: dict[str, object] = {"taken_at": now}
    if grabbed and is_managers(order.reopened) and not order.danger and actor.role == "worker":
        raise Refusal(f"#{order.id} 已经返修三次，由经理亲自安排，您先别接。")
    if grabbed:
        if actor.staff_id is not None and order.priority != "P0":
            _must_have_trade(session, actor.staff_id, "您", order, now)
        changes |= {"staff_id": actor.staff_id, "dispatched_at": now}
    mark = advance(session, order, [Step("grab" if grabbed else "take")], actor=actor, now=now, changes=changes)
    view = view_of(session, order)
    tell_owner(session, order, mark, "order_taken", snapshot(order, view), actor=actor)


def steps_to_the_end(order: WorkOrder, now: datetime) -> tuple[list[Step], dict[str, object]]:
    """The steps between here and ON_SITE that nobody typed, and what they leave on the row."""
    steps: list[Step] = []
    changes: dict[str, object] = {}
    state = order.state
    if state == PAUSED:
        steps.append(Step("resume", reason="完工时一并记下"))
        changes |= after_pause(order, now)
        state = order.state_before_pause
    if state == DISPATCHED:
        steps.append(Step("take", reason="完工时一并记下"))
        changes["taken_at"] = now
        state = TAKEN
    if state == TAKEN:
        steps.append(Step("arrive", reason="完工时一并记下"))
        changes["arrived_at"] = now
    return steps, changes


def _must_have_trade(session: Session, staff_id: int, name: str, order: WorkOrder, now: datetime) -> None:
    row = session.execute(
        sa.select(StaffTrade.certified_until).where(StaffTrade.staff_id == staff_id, StaffTrade.trade == order.trade)
    ).first()
    if row is None:
        raise Refusal(f"#{order.id} 要{order.trade}来做，{name}没有登记这个工种。")
    valid = row.certified_until is not None and row.certified_until >= now.astimezone(_LOCAL).date()
    if order.trade in CERTIFIED_TRADES and not valid:
        raise Refusal(f"#{order.id} 要持证{order.trade}来做，{name}的证没有登记或已过期。")
