"""值班表: who may be woken at night, or on a day off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.calendar import Calendar
from models.people.duty_hours import shift_of
from models.people.tables import DutyShift, Staff


@dataclass(frozen=True)
class OnDuty:
    """Somebody on the roster, with the end of their shift."""

    id: int
    name: str
    phone: str
    openid: str | None
    ends_at: datetime


def on_night_duty(session: Session, company_id: int, community_id: int, now: datetime) -> list[OnDuty]:
    """Who is on the roster now: those of this compound first, then those of the whole company. One statement."""
    rows = session.execute(
        sa.select(Staff.id, Staff.name, Staff.phone, Staff.openid, DutyShift.ends_at)
        .join(Staff, Staff.id == DutyShift.staff_id)
        .where(
            DutyShift.company_id == company_id,
            sa.or_(DutyShift.community_id.is_(None), DutyShift.community_id == community_id),
            DutyShift.begins_at <= now,
            DutyShift.ends_at > now,
            Staff.left_at.is_(None),
        )
        .order_by(DutyShift.community_id.is_(None), DutyShift.id)
    ).all()
    return list({row.id: OnDuty(*row) for row in reversed(rows)}.values())[::-1]


@dataclass(frozen=True)
class Shift:
    """A line of the roster. `community_id` None: all of the company."""

    name: str
    community_id: int | None
    begins_at: datetime
    ends_at: datetime


def shifts_from(
    session: Session, company_id: int, now: datetime, *, only: frozenset[int] | None = None, limit: int = 10
) -> list[Shift]:
    """The shifts that are not over yet, the next first. `only`: what somebody may see (None: everything)."""
    seen = sa.true() if only is None else sa.or_(DutyShift.community_id.is_(None), DutyShift.community_id.in_(only))
    rows = session.execute(
        sa.select(Staff.name, DutyShift.community_id, DutyShift.begins_at, DutyShift.ends_at)
        .join(Staff, Staff.id == DutyShift.staff_id)
        .where(DutyShift.company_id == company_id, DutyShift.ends_at > now, seen)
        .order_by(DutyShift.begins_at, DutyShift.id)
        .limit(limit)
    )
    return [Shift(*row) for row in rows]


def set_duty_on(
    session: Session,
    *,
    company_id: int,
    community_ids: Sequence[int | None],
    staff: Sequence[Staff],
    day: date,
    calendar: Calendar,
    now: datetime,
    by: str,
    source: str = "chat",
) -> tuple[datetime, datetime]:
    """Put these on the roster of a night or a day off, instead of whoever was there; returns from and until."""
    begins, ends = shift_of(calendar, day)
    for community_id in community_ids:
        session.execute(
            sa.delete(DutyShift)
            .where(
                DutyShift.company_id == company_id,
                DutyShift.community_id.is_not_distinct_from(community_id),
                DutyShift.begins_at < ends,
                DutyShift.ends_at > begins,
            )
            .execution_options(synchronize_session=False)
        )
        session.add_all(
            DutyShift(company_id=company_id, community_id=community_id, staff_id=one.id, begins_at=begins, ends_at=ends)
            for one in staff
        )
    session.flush()
    record(
        session,
        at=now,
        actor=by,
        action="duty.set",
        subject=f"company:{company_id}",
        source=source,
        company_id=company_id,
        details={
            "day": day.isoformat(),
            "staff": [one.id for one in staff],
            "communities": [number for number in community_ids if number is not None],
        },
    )
    return begins, ends
