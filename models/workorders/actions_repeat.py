"""Looking for places where the same thing breaks again and again. A job asks; nobody who reports waits for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import Home
from models.workorders.actions_follow_up import begin_repeat_fault
from models.workorders.actors import system_actor
from models.workorders.announce import tell_office, tell_staff
from models.workorders.follow_up import REPEAT_FAULT
from models.workorders.move import Step, note
from models.workorders.place import snapshot, view_of
from models.workorders.repeat_faults import WINDOW, Fault, Repeat, repeats
from models.workorders.states import CANCELLED, MERGED, OPEN, REJECTED
from models.workorders.tables import FollowUp, WorkOrder

# How far back a run looks for something new: longer than any pause between two runs.
FRESH = timedelta(days=1)

# Called off, somebody else's, or a second report of the same trouble: nothing broke once more.
_NOTHING_BROKE = (CANCELLED, REJECTED, MERGED)


def companies_with_new_orders(session: Session, now: datetime) -> Sequence[int]:
    return session.scalars(
        sa.select(WorkOrder.company_id)
        .where(WorkOrder.created_at > now - FRESH)
        .distinct()
        .order_by(WorkOrder.company_id)
    ).all()


def look_for_repeats(session: Session, company_id: int, *, now: datetime) -> int:
    """Begin looking into every place of a company that has it for the third time; returns how many are new.

    Two statements when there is nothing new, whatever the number of orders.
    """
    known = _faults(session, company_id, now)
    newest = {fault.order_id for fault in known if fault.created_at > now - FRESH}
    return sum(
        _begin(session, company_id, repeat, now) for repeat in repeats(known, now) if newest & set(repeat.orders)
    )


def _faults(session: Session, company_id: int, now: datetime) -> list[Fault]:
    """The last thirty days of what has broken again lately; closed orders count. One statement."""
    fresh = sa.select(WorkOrder.community_id, WorkOrder.category).where(
        WorkOrder.company_id == company_id, WorkOrder.created_at > now - FRESH
    )
    rows = session.execute(
        sa.select(
            WorkOrder.id,
            WorkOrder.community_id,
            WorkOrder.home_id,
            Home.building,
            Home.entrance,
            WorkOrder.place,
            WorkOrder.place_id,
            WorkOrder.public,
            WorkOrder.category,
            WorkOrder.created_at,
        )
        .outerjoin(Home, Home.id == WorkOrder.home_id)
        .where(
            WorkOrder.company_id == company_id,
            WorkOrder.created_at > now - WINDOW,
            WorkOrder.state.not_in(_NOTHING_BROKE),
            sa.tuple_(WorkOrder.community_id, WorkOrder.category).in_(fresh),
        )
    )
    return [
        Fault(
            order_id=row.id,
            community_id=row.community_id,
            home_id=row.home_id,
            building=row.building or "",
            entrance=row.entrance or "",
            place=row.place,
            public=row.public,
            category=row.category,
            created_at=row.created_at,
            place_id=row.place_id,
        )
        for row in rows
    ]


def _begin(session: Session, company_id: int, repeat: Repeat, now: datetime) -> bool:
    """Once in thirty days for one place and kind of trouble."""
    base = f"{REPEAT_FAULT}:{repeat.subject}:"
    before = session.scalars(
        sa.select(FollowUp.created_at)
        .where(FollowUp.company_id == company_id, FollowUp.subject.startswith(base, autoescape=True))
        .order_by(FollowUp.created_at.desc())
    ).all()
    if before and now - before[0] < WINDOW:
        return False
    order = session.get_one(WorkOrder, repeat.orders[-1])
    if not begin_repeat_fault(session, order, subject=f"{base}{len(before)}", orders=list(repeat.orders), now=now):
        return False
    _tell(session, order, repeat, now)
    return True


def _tell(session: Session, order: WorkOrder, repeat: Repeat, now: datetime) -> None:
    actor, times = system_actor(order.company_id), len(repeat.orders)
    numbers = "、".join(f"#{number}" for number in repeat.orders)
    words = f"这里{WINDOW.days}天内第{times}次：{numbers}"
    mark = note(
        session, order, Step("repeat", reason=words, details={"orders": list(repeat.orders)}), actor=actor, now=now
    )
    view = view_of(session, order)
    data = snapshot(order, view, times=times, days=WINDOW.days, numbers=numbers)
    if order.state in OPEN:
        tell_staff(session, view.worker, mark, "order_repeated", data)
    tell_office(session, order, mark, "fault_repeated", data, actor=actor)
