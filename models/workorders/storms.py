"""暴雨模式: for a while ordinary orders have more time, and whoever waits is told so (domain rules 2.2)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.errors import AlreadyDone, Refusal
from models.workorders.actors import Actor
from models.workorders.clock_rules import look_again
from models.workorders.dispatch_score import WAKING
from models.workorders.states import OPEN
from models.workorders.tables import StormMode, WorkOrder

LONGEST = timedelta(days=7)


def begin_storm(session: Session, *, ends: datetime, now: datetime, actor: Actor) -> None:
    """From now on, for all the compounds of whoever says so. Raises Refusal for an end that has passed or is too far away."""
    if not now < ends <= now + LONGEST:
        raise Refusal(f"结束时间要在现在以后，最长{LONGEST.days}天。")
    if storms_now(session, actor, now):
        raise AlreadyDone("暴雨模式已经开着了。要改结束时间，请先说「暴雨模式 关」，再重新开。")
    for community_id in _places(actor):
        session.add(
            StormMode(
                company_id=actor.company_id,
                community_id=community_id,
                begins_at=now,
                ends_at=ends,
                staff_id=actor.staff_id,
            )
        )
    session.flush()
    _written_down(session, "storm.begin", {"ends": ends.isoformat()}, now, actor)


def end_storm(session: Session, *, now: datetime, actor: Actor) -> None:
    """It is over now, for what this person may decide. Raises AlreadyDone when there is none."""
    storms = storms_now(session, actor, now)
    if not storms:
        raise AlreadyDone("现在没有开暴雨模式。")
    for storm in storms:
        storm.ends_at = now
    session.flush()
    _written_down(session, "storm.end", {}, now, actor)


def storms_now(session: Session, actor: Actor, now: datetime) -> Sequence[StormMode]:
    """The storms that last, of the compounds this person decides about. One statement."""
    theirs = sa.true() if actor.community_ids is None else StormMode.community_id.in_(sorted(actor.community_ids))
    return session.scalars(
        sa.select(StormMode)
        .where(StormMode.company_id == actor.company_id, StormMode.ends_at > now, StormMode.begins_at <= now, theirs)
        .order_by(StormMode.id)
    ).all()


def how_many_wait(session: Session, actor: Actor) -> int:
    """Ordinary orders that are open where this person decides."""
    where = [WorkOrder.company_id == actor.company_id, WorkOrder.state.in_(sorted(OPEN))]
    if actor.community_ids is not None:
        where.append(WorkOrder.community_id.in_(sorted(actor.community_ids)))
    counted = sa.select(sa.func.count()).select_from(WorkOrder).where(*where, WorkOrder.priority.not_in(sorted(WAKING)))
    return session.scalar(counted) or 0


def _places(actor: Actor) -> Sequence[int | None]:
    return [None] if actor.community_ids is None else sorted(actor.community_ids)


def _written_down(session: Session, action: str, details: dict[str, object], now: datetime, actor: Actor) -> None:
    look_again(session, actor.company_id, now)
    record(
        session,
        at=now,
        actor=actor.log_name,
        action=action,
        subject=f"company:{actor.company_id}",
        source=actor.source,
        company_id=actor.company_id,
        details={**details, "communities": [number for number in _places(actor) if number is not None]},
    )
