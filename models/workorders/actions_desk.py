"""What the office does: refer, merge, decide how urgent."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import AlreadyDone, Refusal
from models.workorders.actions_owner import refuse_if_dangerous
from models.workorders.actors import Actor, system_actor
from models.workorders.announce import tell_owner, tell_staff
from models.workorders.dispatch import Dispatched, alarm, dispatch
from models.workorders.move import Step, advance, hats
from models.workorders.place import snapshot, view_of
from models.workorders.states import ACCEPTED, OPEN, PRIORITIES, STATE_NAMES
from models.workorders.tables import WorkOrder


def reject(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, reason: str, refer_to: str) -> None:
    """T3 不受理: not ours to mend. Raises Refusal without the reason and the phone of who can help."""
    if not reason.strip() or sum(letter.isdigit() for letter in refer_to) < 3:
        raise Refusal(f"请写明原因和该找谁的电话，比如「不受理 {order.id} 宽带归运营商 10000」。")
    mark = advance(
        session,
        order,
        [Step("reject", reason=reason, details={"refer_to": refer_to})],
        actor=actor,
        now=now,
        changes={"closed_at": now},
    )
    data = snapshot(order, view_of(session, order), reason=reason, refer_to=refer_to)
    tell_owner(session, order, mark, "order_rejected", data, actor=actor)


def merge(session: Session, order: WorkOrder, into: WorkOrder, *, now: datetime, actor: Actor) -> None:
    """T4 合并: the same trouble reported twice. From now on its reporter hears what happens to `into`.

    Whoever was sent for it need not go. Raises Refusal for itself, for another compound, for danger that its own reporter
    would merge away, or when `into` is over.
    """
    if not {"clerk", "manager"} & set(hats(order, actor)):
        refuse_if_dangerous(session, order, actor)
    if order.id == into.id:
        raise Refusal("一张工单不能合并到它自己。")
    if order.community_id != into.community_id:
        raise Refusal("两张工单不在同一个小区，不能合并。")
    _hold(session, order, into)
    if into.state not in OPEN:
        raise Refusal(f"#{into.id} 现在是「{STATE_NAMES[into.state]}」，不能再并入。")
    before = view_of(session, order)
    mark = advance(
        session,
        order,
        [Step("merge", details={"into": into.id})],
        actor=actor,
        now=now,
        changes={"merged_into": into.id, "closed_at": now},
    )
    data = snapshot(order, before, into=into.id)
    tell_owner(session, order, mark, "order_merged", data, actor=actor)
    same = f"和 #{into.id} 是同一件事，已并在一起"
    tell_staff(session, before.worker, mark, "order_cancelled", snapshot(order, before, reason=same))


def change_priority(
    session: Session, order: WorkOrder, priority: str, *, now: datetime, actor: Actor, reason: str = ""
) -> Dispatched | None:
    """T25 优先 N P0–P3. A P0 alarms the office; an order that waits is sent at once (the result is returned then).

    Raises Refusal for another word, for one that is over, or when the program itself would make it less urgent.
    """
    if priority not in PRIORITIES:
        raise Refusal("优先级只有 P0、P1、P2、P3：P0 特急，P1 紧急，P2 一般，P3 预约。")
    if order.priority == priority:
        raise AlreadyDone(f"#{order.id} 本来就是 {priority}。")
    if actor.role == "system" and priority > order.priority:
        raise Refusal("系统只能调高优先级。")
    mark = advance(
        session,
        order,
        [Step("set_priority", reason=reason, details={"from": order.priority, "to": priority})],
        actor=actor,
        now=now,
        changes={"priority": priority, "danger": priority == "P0", "moved_at": order.moved_at},
    )
    view = view_of(session, order)
    tell_staff(session, view.worker, mark, "order_priority", snapshot(order, view))
    sent = None
    if order.state == ACCEPTED:
        sent = dispatch(session, order, now=now, actor=system_actor(order.company_id))
        view = view_of(session, order)
    if priority == "P0" and view.worker is not None:  # with nobody to send, `dispatch` has raised the alarm already
        alarm(session, order, view, mark, actor, why=reason)
    return sent


def _hold(session: Session, order: WorkOrder, into: WorkOrder) -> None:
    """Nobody moves `into` until this is committed, and it is looked at as it stands now: it may have been called off, or be
    on its way into `order`, which would leave neither. Both rows in one order, so that two who do this never wait in a circle.
    """
    both = sa.select(WorkOrder.id).where(WorkOrder.id.in_((order.id, into.id))).order_by(WorkOrder.id)
    session.execute(both.with_for_update())
    session.refresh(into)
