"""One step of an order: the row changes only if it still stands where it was read, and the step is written down twice
(the order's own story, the company's log). Every action of this topic goes through `advance`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from models.audit.log import record
from models.db import plain
from models.errors import AlreadyDone, NotFound, Refusal
from models.people.tables import Binding, Staff
from models.workorders.actors import Actor
from models.workorders.states import STATE_NAMES
from models.workorders.tables import OrderEvent, WorkOrder
from models.workorders.transitions import EVENT_NAMES, is_allowed, leads_to, next_state

_TELL = sa.insert(plain(OrderEvent)).returning(plain(OrderEvent).c.id)


@dataclass(frozen=True)
class Step:
    """What happens. `staff_id` is whom it concerns besides the actor: the one sent, the receiver, the one passed over."""

    event: str
    reason: str = ""
    staff_id: int | None = None
    sampled: bool = False
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Mark:
    """A step that was written down. What is told because of it is told once to each person: `number` makes it so."""

    order_id: int
    number: int
    at: datetime


def advance(
    session: Session,
    order: WorkOrder,
    steps: Sequence[Step],
    *,
    actor: Actor,
    now: datetime,
    changes: dict[str, Any] | None = None,
) -> Mark:
    """Take `order` through `steps` in one update; returns the mark of the last one.

    Raises Refusal when the table forbids a step, AlreadyDone when somebody was first, NotFound for an outsider.
    """
    path = path_of(session, order, steps, actor)
    rows = [row_of(order.id, step, actor, *way, now) for step, way in zip(steps, path, strict=True)]
    state = path[-1][-1]
    change_if_unmoved(session, order, {"state": state, "moved_at": now, **(changes or {})}, steps[0].event, actor)
    return write_down(session, order, rows, actor, deed=steps[-1].event, now=now)


def path_of(session: Session, order: WorkOrder, steps: Sequence[Step], actor: Actor) -> list[tuple[str, str, str]]:
    """Where the steps would take the order: (in which role, from, to) for each. Changes nothing; raises as `advance` does."""
    state, path = order.state, []
    for step in steps:
        role = _role_for(session, order, state, step.event, actor)
        try:
            after = next_state(state, step.event, role, before_pause=order.state_before_pause, sampled=step.sampled)
        except Refusal as refusal:
            raise _explained(session, order, step.event, actor, refusal) from None
        path.append((role, state, after))
        state = after
    return path


def change_if_unmoved(session: Session, order: WorkOrder, values: dict[str, Any], event: str, actor: Actor) -> None:
    """Change the row if state and hands are as read. Raises AlreadyDone otherwise, after looking again."""
    table = WorkOrder.__table__
    hit = session.execute(
        sa.update(WorkOrder)
        .where(
            table.c.id == order.id,
            table.c.state == order.state,
            table.c.staff_id.is_not_distinct_from(order.staff_id),
        )
        .values(**values)
        .returning(table.c.id)
        .execution_options(synchronize_session=False)
    ).first()
    if hit is None:
        session.refresh(order)
        raise AlreadyDone(_where_it_stands(session, order, event, actor))
    for name, value in values.items():
        set_committed_value(order, name, value)


def note(
    session: Session, order: WorkOrder, step: Step, *, actor: Actor, now: datetime, role: str | None = None
) -> Mark:
    """Write down something that leaves the order where it is: a nudge, more words, a picture, another rating."""
    row = row_of(order.id, step, actor, role or actor.role, order.state, order.state, now)
    return write_down(session, order, [row], actor, deed=step.event, now=now)


def row_of(
    order_id: int, step: Step, actor: Actor, role: str, before: str, after: str, now: datetime
) -> dict[str, Any]:
    """One line of an order's story, ready to be written down."""
    return {
        "order_id": order_id,
        "at": now,
        "event": step.event,
        "from_state": before,
        "to_state": after,
        "actor_role": role,
        "actor": actor.name,
        "staff_id": step.staff_id if step.staff_id is not None else actor.staff_id,
        "reason": step.reason,
        "source": actor.source,
        "details": step.details,
    }


def write_down(
    session: Session, order: WorkOrder, rows: list[dict[str, Any]], actor: Actor, *, deed: str, now: datetime
) -> Mark:
    """Add the lines to the story, and one entry for the whole `deed` to the company's log. Two statements."""
    record(
        session,
        at=now,
        actor=actor.log_name,
        action=f"order.{deed}",
        subject=f"order:{order.id}",
        source=actor.source,
        company_id=order.company_id,
        details={
            "steps": [row["event"] for row in rows],
            "from": rows[0]["from_state"],
            "to": rows[-1]["to_state"],
            "staff": rows[-1]["staff_id"],
        },
    )
    return Mark(order.id, max(session.scalars(_TELL, rows)), now)


def hats(order: WorkOrder, actor: Actor) -> tuple[str, ...]:
    """What an actor is towards one order: a worker it is not assigned to is `other_worker`, its own WeChat `reporter`."""
    if actor.role == "system":
        return ("system",)
    worn = []
    if actor.staff_id is not None and actor.company_id == order.company_id:
        assigned = order.staff_id == actor.staff_id
        if assigned:
            worn.append("worker")
        if assigned or actor.community_ids is None or order.community_id in actor.community_ids:
            of_role = {"worker": () if assigned else ("other_worker",), "cashier": ()}
            worn += of_role.get(actor.role, (actor.role,))
    if is_own(order, actor):
        worn.append("reporter")
    return tuple(worn)


def is_own(order: WorkOrder, actor: Actor) -> bool:
    """Whether this order was reported by this very WeChat."""
    return actor.openid is not None and (order.account, order.openid) == (actor.account, actor.openid)


def lives_there(session: Session, order: WorkOrder, actor: Actor) -> bool:
    """Whether this WeChat speaks for the home the order is about."""
    if actor.openid is None or order.home_id is None:
        return False
    found = session.execute(
        sa.select(Binding.id).where(
            Binding.account == actor.account, Binding.openid == actor.openid, Binding.home_id == order.home_id
        )
    ).first()
    return found is not None


def _role_for(session: Session, order: WorkOrder, state: str, event: str, actor: Actor) -> str:
    worn = hats(order, actor)
    for hat in worn:
        if is_allowed(state, event, hat):
            return hat
    # People of the same home speak for each other; only asked when nothing else gives the right.
    if "reporter" not in worn and lives_there(session, order, actor):
        return "reporter"
    if not worn:
        raise NotFound(not_found(order.id))
    return worn[0]


def not_found(order_id: int) -> str:
    return f"没有找到工单 #{order_id}，请核对一下号码。"


def _explained(session: Session, order: WorkOrder, event: str, actor: Actor, refusal: Refusal) -> Refusal:
    """A forbidden step that somebody has already made is told as such; anything else as the table says it."""
    with_another = event in ("take", "grab") and order.staff_id not in (None, actor.staff_id)
    if with_another or leads_to(event, order.state):
        return AlreadyDone(_where_it_stands(session, order, event, actor))
    return Refusal(f"#{order.id} {refusal.message}")


def _where_it_stands(session: Session, order: WorkOrder, event: str, actor: Actor) -> str:
    verb = EVENT_NAMES.get(event, "处理")
    if event in ("take", "grab") and order.staff_id not in (None, actor.staff_id):
        worker = session.get(Staff, order.staff_id)
        return f"#{order.id} 已经由{worker.name if worker else '别的师傅'}接手了，您不用再去。"
    if leads_to(event, order.state):
        return f"#{order.id} 已经{verb}过了，不用再说一次。"
    return f"#{order.id} 刚刚变成了「{STATE_NAMES[order.state]}」，这次没有{verb}。"
