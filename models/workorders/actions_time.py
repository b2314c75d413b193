"""What time does to an order. Each is called by a job, one order at a time, and is harmless when somebody was faster."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import Refusal
from models.workorders.actions_follow_up import begin_visit
from models.workorders.actions_owner import REOPENS_UNTIL_MANAGER, visit_wanted
from models.workorders.actions_worker import after_pause, without_worker
from models.workorders.actors import system_actor
from models.workorders.announce import tell_owner, tell_staff
from models.workorders.categories import OUTSIDE_TRADES
from models.workorders.dispatch import Dispatched, alarm, dispatch
from models.workorders.move import Step, advance
from models.workorders.place import snapshot, view_of
from models.workorders.settings import TAKE_WITHIN_MINUTES, TAKE_WITHIN_MINUTES_P0, number
from models.workorders.states import ACCEPTED, CLOSED, DISPATCHED, PAUSED, WAIT_CONFIRM
from models.workorders.tables import WorkOrder

UNRATED_AFTER = timedelta(hours=72)


def dispatch_timed_out(session: Session, order: WorkOrder, *, now: datetime) -> Dispatched:
    """T9: nobody answered in time, so it goes to the next one, and never back to the same person this time round.

    Raises Refusal when there is still time, AlreadyDone when it was taken at this very moment.
    """
    setting = TAKE_WITHIN_MINUTES_P0 if order.priority == "P0" else TAKE_WITHIN_MINUTES
    limit = timedelta(minutes=number(session, order.company_id, setting))
    if order.state == DISPATCHED and order.dispatched_at is not None and now - order.dispatched_at < limit:
        raise Refusal(f"#{order.id} 还在等师傅接单。")
    system = system_actor(order.company_id)
    before = view_of(session, order)
    missed = order.staff_id
    mark = advance(
        session,
        order,
        [Step("timeout", staff_id=missed)],
        actor=system,
        now=now,
        changes={**without_worker(order, exclude=missed), "escalation": order.escalation + 1},
    )
    tell_staff(session, before.worker, mark, "order_reassigned", snapshot(order, view_of(session, order)))
    sent = dispatch(session, order, now=now, actor=system)
    if order.priority == "P0" and sent.worker is not None:
        alarm(session, order, view_of(session, order), mark, system, why="没有及时接单，已换人。")
    return sent


def pause_ended(session: Session, order: WorkOrder, *, now: datetime) -> None:
    """T13 by the calendar: the day it waited for has come. Raises Refusal when it has not."""
    if order.state == PAUSED and (order.pause_until is None or order.pause_until > now):
        raise Refusal(f"#{order.id} 还没到恢复的日子。")
    system = system_actor(order.company_id)
    mark = advance(session, order, [Step("resume")], actor=system, now=now, changes=after_pause(order, now))
    view = view_of(session, order)
    data = snapshot(order, view)
    tell_owner(session, order, mark, "order_resumed", data, actor=system)
    tell_staff(session, view.worker, mark, "order_resumed", data)


def close_unrated(session: Session, order: WorkOrder, *, now: datetime) -> None:
    """T20: three days without an answer close it as 未评价, which is not five stars. Raises Refusal before that."""
    if order.state == WAIT_CONFIRM and now - order.moved_at < UNRATED_AFTER:
        raise Refusal(f"#{order.id} 还在等评价。")
    sampled = visit_wanted(session, order, stars=None)
    system = system_actor(order.company_id)
    changes = {"unrated": True} if sampled else {"unrated": True, "closed_at": now}
    mark = advance(session, order, [Step("close_unrated", sampled=sampled)], actor=system, now=now, changes=changes)
    if sampled:
        begin_visit(session, order, mark, stars=None, low=False)
    if order.state == CLOSED:
        data = snapshot(order, view_of(session, order), result=order.result)
        tell_owner(session, order, mark, "order_closed", data, actor=system)


# --- what is due: the jobs ask these, and act on one order after the other --------------------------------------------


def unanswered(session: Session, now: datetime, *, limit: int = 200) -> list[int]:
    """Orders that may have waited too long for their worker's 接单; `dispatch_timed_out` looks closely."""
    earliest = now - timedelta(minutes=1)
    return _ids(session, WorkOrder.state == DISPATCHED, WorkOrder.dispatched_at <= earliest, limit=limit)


def waiting(session: Session, *, limit: int = 200) -> list[int]:
    """Accepted orders nobody has: those of the night in the morning, those nobody could take when somebody comes on duty.

    Not what waits for another firm, nor what the manager has taken over.
    """
    by_rule = sa.or_(WorkOrder.reopened < REOPENS_UNTIL_MANAGER, WorkOrder.danger.is_(True))
    ours = (WorkOrder.trade.not_in(sorted(OUTSIDE_TRADES)), by_rule)
    return _ids(session, WorkOrder.state == ACCEPTED, *ours, limit=limit)


def pauses_over(session: Session, now: datetime, *, limit: int = 200) -> list[int]:
    return _ids(session, WorkOrder.state == PAUSED, WorkOrder.pause_until <= now, limit=limit)


def unrated(session: Session, now: datetime, *, limit: int = 200) -> list[int]:
    return _ids(session, WorkOrder.state == WAIT_CONFIRM, WorkOrder.moved_at <= now - UNRATED_AFTER, limit=limit)


def _ids(session: Session, *conditions: sa.ColumnElement[bool], limit: int) -> list[int]:
    return list(session.scalars(sa.select(WorkOrder.id).where(*conditions).order_by(WorkOrder.id).limit(limit)))
