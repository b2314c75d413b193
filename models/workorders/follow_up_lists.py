"""What the office still has to do after the work, as lists: what is owed, by whom it may be done, and what is overdue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import Community, Home, home_label
from models.people.tables import Staff
from models.workorders.actors import Actor
from models.workorders.follow_up import LOW_RATING, REPEAT_FAULT, VISIT
from models.workorders.place import where_text
from models.workorders.tables import FollowUp, WorkOrder

CALLS = (LOW_RATING, VISIT)


@dataclass(frozen=True)
class Owed:
    """One thing the office still has to do, with its order, the place in words and who did the work ("" nobody)."""

    task: FollowUp
    order: WorkOrder
    where: str
    worker: str


def calls_to_make(session: Session, actor: Actor, *, limit: int = 8) -> list[Owed]:
    """回访 that this person may make: low ratings first, then the soonest due; never about their own work. One statement."""
    not_own = sa.or_(WorkOrder.staff_id.is_(None), WorkOrder.staff_id != actor.staff_id)
    return _owed(session, _scope(actor), FollowUp.kind.in_(CALLS), not_own, limit=limit)


def call_about(session: Session, order: WorkOrder) -> Owed | None:
    """The call that is owed about this order, None if there is none. One statement."""
    return next(iter(_owed(session, FollowUp.order_id == order.id, FollowUp.kind.in_(CALLS), limit=1)), None)


def causes_to_find(session: Session, actor: Actor, *, limit: int = 3) -> list[Owed]:
    """Places where the same thing breaks again and again. One statement."""
    return _owed(session, _scope(actor), FollowUp.kind == REPEAT_FAULT, limit=limit)


def how_many_owed(session: Session, actor: Actor) -> dict[str, int]:
    """How many of each kind are open in the compounds of this person. One statement."""
    rows = session.execute(
        sa.select(FollowUp.kind, sa.func.count())
        .where(_scope(actor), FollowUp.done_at.is_(None))
        .group_by(FollowUp.kind)
    )
    return {row[0]: row[1] for row in rows}


def overdue(session: Session, company_id: int, *, now: datetime, day_began: datetime) -> list[Owed]:
    """What a morning reminds of: low ratings of the days before, and everything that should be done by now. One statement."""
    return _owed(session, FollowUp.company_id == company_id, is_overdue(now, day_began), limit=500)


def is_overdue(now: datetime, day_began: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(sa.and_(FollowUp.kind == LOW_RATING, FollowUp.created_at < day_began), FollowUp.due_at <= now)


def _scope(actor: Actor) -> sa.ColumnElement[bool]:
    own = FollowUp.company_id == actor.company_id
    if actor.community_ids is None:
        return own
    return sa.and_(own, FollowUp.community_id.in_(sorted(actor.community_ids)))


def _owed(session: Session, *conditions: sa.ColumnElement[bool], limit: int) -> list[Owed]:
    rows = session.execute(
        sa.select(
            FollowUp,
            WorkOrder,
            Community.name.label("community"),
            Home.building,
            Home.entrance,
            Home.room,
            Staff.name.label("worker"),
        )
        .join(WorkOrder, WorkOrder.id == FollowUp.order_id)
        .join(Community, Community.id == FollowUp.community_id)
        .outerjoin(Home, Home.id == WorkOrder.home_id)
        .outerjoin(Staff, Staff.id == WorkOrder.staff_id)
        .where(FollowUp.done_at.is_(None), *conditions)
        .order_by(sa.case({LOW_RATING: 0, VISIT: 1}, value=FollowUp.kind, else_=2), FollowUp.due_at, FollowUp.id)
        .limit(limit)
    ).all()
    return [Owed(row.FollowUp, row.WorkOrder, _where(row), row.worker or "") for row in rows]


def _where(row: Any) -> str:
    at_home = row.room is not None and row.WorkOrder.place_id is None  # who reports a public place is not shown with it
    label = home_label(row.building, row.entrance, row.room) if at_home else ""
    return where_text(row.community, label, row.WorkOrder.place)
