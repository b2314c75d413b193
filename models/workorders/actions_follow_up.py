"""What the office still has to do after the work: it begins here, is called about, and ends with a result that stays on the books."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import CompanySetting
from models.workorders.actors import Actor
from models.workorders.announce import tell_owner
from models.workorders.follow_up import LOW_RATING, REPEAT_FAULT, RESULTS, VISIT, due_at, ends_with
from models.workorders.move import Mark, Step, advance, hats, not_found, note, path_of
from models.workorders.place import snapshot, view_of
from models.workorders.settings import VISIT_SAMPLE_PERCENT
from models.workorders.states import WAIT_VISIT
from models.workorders.tables import FollowUp, OrderEvent, WorkOrder

OFFICE = frozenset({"clerk", "manager"})
REPAIRED_AGAIN = "返修"
FOUND_OUT = "查明"

_CALLS = (LOW_RATING, VISIT)


@dataclass(frozen=True)
class Visited:
    """`over` is False after a call nobody answered; then `calls` of them have been made."""

    over: bool
    calls: int = 0


@dataclass(frozen=True)
class Facts:
    """What decides about a visit and does not stand in the order's row."""

    percent: int
    paid: bool


def facts_of(session: Session, order: WorkOrder) -> Facts:
    """One statement."""
    name, usual = VISIT_SAMPLE_PERCENT
    own = sa.select(CompanySetting.value).where(
        CompanySetting.company_id == order.company_id, CompanySetting.name == name
    )
    paid = sa.select(OrderEvent.id).where(OrderEvent.order_id == order.id, OrderEvent.event == "done_paid")
    row = session.execute(sa.select(own.scalar_subquery(), paid.exists())).one()
    return Facts(int(row[0]) if row[0] is not None else usual, bool(row[1]))


def begin_visit(session: Session, order: WorkOrder, mark: Mark, *, stars: int | None, low: bool) -> None:
    """Somebody has to call; a low rating goes before an ordinary call that was still to be made. At most two statements."""
    kind = LOW_RATING if low else VISIT
    until = sa.literal(due_at(kind, mark.at), FollowUp.__table__.c.due_at.type)
    open_one = session.scalar(
        sa.update(FollowUp)
        .where(FollowUp.order_id == order.id, FollowUp.kind.in_(_CALLS), FollowUp.done_at.is_(None))
        .values(
            stars=stars,
            kind=sa.case((FollowUp.kind == LOW_RATING, LOW_RATING), else_=kind),
            due_at=sa.case((FollowUp.due_at < until, FollowUp.due_at), else_=until),
        )
        .returning(FollowUp.id)
        .execution_options(synchronize_session=False)
    )
    if open_one is None:
        insert_or_ignore(session, FollowUp, _row(order, kind, f"{kind}:{order.id}:{mark.number}", mark.at, stars=stars))


def note_new_stars(session: Session, order: WorkOrder, stars: int) -> None:
    """The owner thought again; what was to be done is still to be done, and whoever does it should know."""
    session.execute(
        sa.update(FollowUp)
        .where(FollowUp.order_id == order.id, FollowUp.kind.in_(_CALLS), FollowUp.done_at.is_(None))
        .values(stars=stars)
        .execution_options(synchronize_session=False)
    )


def must_be_visitable(session: Session, order: WorkOrder, actor: Actor) -> None:
    """Raises NotFound for an outsider, Refusal for whoever may not call, the worker himself, and when no call is to be made."""
    worn = hats(order, actor)
    if not worn:
        raise NotFound(not_found(order.id))
    if order.staff_id is not None and order.staff_id == actor.staff_id:
        raise Refusal("自己修的单要由别人回访。")
    if not OFFICE & set(worn):
        raise Refusal("回访由物业前台或经理来做。")
    if order.state != WAIT_VISIT and _open_call(session, order) is None:
        path_of(session, order, [Step("visited")], actor)  # says why not
        raise Refusal(f"#{order.id} 没有等着回访的事。")


def visited(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, result: str, text: str = "") -> Visited:
    """T22 回访: called, and how the owner found it; the third call nobody answers ends it too. Never by who did the work.

    Raises Refusal for another result or for them, AlreadyDone when a colleague was faster.
    """
    if result not in RESULTS:
        raise Refusal(f"回访结果请选：{'、'.join(RESULTS)}。")
    must_be_visitable(session, order, actor)
    task = _open_call(session, order) or _begin_late(session, order, now)
    calls = task.calls + (0 if ends_with(result, 0) else 1)
    if not ends_with(result, calls):
        _change(session, task, calls=calls, called_at=now)
        note(session, order, Step("unreached", reason=text, details={"calls": calls}), actor=actor, now=now)
        return Visited(over=False, calls=calls)
    _change(session, task, calls=calls, **_ending(result, text, actor, now))
    step = Step("visited", reason=text, details={"result": result})
    if order.state != WAIT_VISIT:  # it was opened again meanwhile; the call about the bad rating was still owed
        note(session, order, Step("handled", reason=text, details=step.details), actor=actor, now=now)
        return Visited(over=True, calls=calls)
    mark = advance(session, order, [step], actor=actor, now=now, changes={"closed_at": now})
    data = snapshot(order, view_of(session, order), result=order.result)
    tell_owner(session, order, mark, "order_closed", data, actor=actor)
    return Visited(over=True, calls=calls)


def settle_by_reopening(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, by_office: bool) -> None:
    """The order begins anew, so nobody needs to ask how it went. A low rating is only settled when the office itself acts."""
    kinds = _CALLS if by_office else (VISIT,)
    session.execute(
        sa.update(FollowUp)
        .where(FollowUp.order_id == order.id, FollowUp.kind.in_(kinds), FollowUp.done_at.is_(None))
        .values(**_ending(REPAIRED_AGAIN, "", actor, now))
        .execution_options(synchronize_session=False)
    )


def cause_found(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, cause: str) -> None:
    """查因 N: why the same thing broke again and again, in the office's words. Raises Refusal without any, or with nothing to find."""
    if not cause.strip():
        raise Refusal(f"查到什么原因？请说一句，比如「查因 {order.id} 立管老化，已换」。")
    if not OFFICE & set(hats(order, actor)):
        raise NotFound(not_found(order.id))
    task = session.scalars(
        sa.select(FollowUp).where(
            FollowUp.order_id == order.id, FollowUp.kind == REPEAT_FAULT, FollowUp.done_at.is_(None)
        )
    ).first()
    if task is None:
        raise Refusal(f"#{order.id} 没有等着查的重复故障。")
    _change(session, task, **_ending(FOUND_OUT, cause, actor, now))
    note(session, order, Step("cause", reason=cause), actor=actor, now=now)


def begin_repeat_fault(session: Session, order: WorkOrder, *, subject: str, orders: list[int], now: datetime) -> bool:
    """Somebody has to find out why. True if this call began it, False if it is known already."""
    row = _row(order, REPEAT_FAULT, subject, now, details={"orders": orders})
    return insert_or_ignore(session, FollowUp, row)


def _open_call(session: Session, order: WorkOrder) -> FollowUp | None:
    return session.scalars(
        sa.select(FollowUp)
        .where(FollowUp.order_id == order.id, FollowUp.kind.in_(_CALLS), FollowUp.done_at.is_(None))
        .order_by(FollowUp.id)
        .limit(1)
    ).first()


def _begin_late(session: Session, order: WorkOrder, now: datetime) -> FollowUp:
    """An order that waits for its visit although none was written down."""
    row = _row(order, VISIT, f"{VISIT}:{order.id}:late:{order.moved_at.isoformat()}", now, stars=order.rating)
    insert_or_ignore(session, FollowUp, row)
    found = _open_call(session, order)
    if found is None:
        raise AlreadyDone(f"#{order.id} 刚刚已经回访过了。")
    return found


def _row(
    order: WorkOrder,
    kind: str,
    subject: str,
    now: datetime,
    *,
    stars: int | None = None,
    details: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "subject": subject,
        "kind": kind,
        "company_id": order.company_id,
        "community_id": order.community_id,
        "order_id": order.id,
        "stars": stars,
        "details": details or {},
        "created_at": now,
        "due_at": due_at(kind, now),
    }


def _ending(result: str, text: str, actor: Actor, now: datetime) -> dict[str, Any]:
    return {"result": result, "note": text, "done_at": now, "done_by": actor.staff_id}


def _change(session: Session, task: FollowUp, **values: Any) -> None:
    """Raises AlreadyDone when a colleague has ended it, or called at this very moment."""
    hit = session.execute(
        sa.update(FollowUp)
        .where(FollowUp.id == task.id, FollowUp.done_at.is_(None), FollowUp.calls == task.calls)
        .values(**values)
        .returning(FollowUp.id)
        .execution_options(synchronize_session=False)
    ).first()
    if hit is None:
        raise AlreadyDone(f"#{task.order_id} 刚刚已经有同事处理了，回复「工单 {task.order_id}」看经过。")
    session.refresh(task)
