"""Everybody who might be sent, with what they have to do already: one look at the database."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models.people.tables import Staff, StaffArea, StaffTrade
from models.workorders.dispatch_score import Candidate, Job
from models.workorders.states import ON_SITE, TAKEN, WITH_WORKER
from models.workorders.tables import WorkOrder

_WORKERS = ("worker", "lead")


def candidates_for(
    session: Session,
    *,
    company_id: int,
    community_id: int,
    building: str,
    trade: str,
    home_id: int | None = None,
    but_not_order: int | None = None,
) -> list[Candidate]:
    """All workers of the company, judged by nobody yet. One statement: a row for each worker, area and open order."""
    own_area = aliased(StaffArea)
    last_there = (
        sa.select(WorkOrder.staff_id)
        .where(WorkOrder.home_id == home_id, WorkOrder.trade == trade, WorkOrder.done_at.is_not(None))
        .order_by(WorkOrder.done_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    # Staff without any area look after the whole company.
    anywhere = sa.select(sa.literal(1)).select_from(own_area).where(own_area.staff_id == Staff.id)
    busy_with = sa.and_(
        WorkOrder.staff_id == Staff.id, WorkOrder.state.in_(WITH_WORKER), WorkOrder.id != (but_not_order or 0)
    )
    rows = session.execute(
        sa.select(
            Staff.id,
            Staff.name,
            Staff.phone,
            Staff.account,
            Staff.openid,
            Staff.on_duty,
            Staff.assigned_at,
            StaffTrade.trade,
            StaffTrade.certified_until,
            StaffArea.building,
            WorkOrder.id.label("order_id"),
            WorkOrder.priority,
            WorkOrder.state,
            WorkOrder.arrived_at,
            last_there.label("last_there"),
            anywhere.exists().label("has_areas"),
        )
        .outerjoin(StaffTrade, sa.and_(StaffTrade.staff_id == Staff.id, StaffTrade.trade == trade))
        .outerjoin(StaffArea, sa.and_(StaffArea.staff_id == Staff.id, StaffArea.community_id == community_id))
        .outerjoin(WorkOrder, busy_with)
        .where(Staff.company_id == company_id, Staff.role.in_(_WORKERS), Staff.left_at.is_(None))
        .order_by(Staff.id, WorkOrder.id)
    ).all()
    grouped: dict[int, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.id, []).append(row)
    return [_candidate(of_one, building) for of_one in grouped.values()]


@dataclass(frozen=True)
class Colleague:
    """Somebody to choose from: 刘师傅（电工，上班）."""

    staff_id: int
    label: str


def could_go(session: Session, order: WorkOrder) -> list[Colleague]:
    """Whom one may send to this order: those who look after the compound and do not have it yet, the likeliest first."""
    known = candidates_for(
        session, company_id=order.company_id, community_id=order.community_id, building="", trade=order.trade
    )
    here = [one for one in known if one.works_here and one.staff_id != order.staff_id]
    here.sort(key=lambda one: (not one.has_trade, not one.on_duty, len(one.jobs), one.staff_id))
    return [Colleague(one.staff_id, _label(one, order.trade)) for one in here]


def _label(one: Candidate, trade: str) -> str:
    about = [trade] if one.has_trade else []
    about += ["在班" if one.on_duty else "不在班", *([f"手上{len(one.jobs)}单"] if one.jobs else [])]
    return f"{one.name}（{'，'.join(about)}）"


def _candidate(rows: list[Any], building: str) -> Candidate:
    first = rows[0]
    areas = {row.building for row in rows if row.building is not None}
    jobs = {row.order_id: _job(row.priority, row.state, row.arrived_at) for row in rows if row.order_id is not None}
    certified_until: date | None = first.certified_until
    return Candidate(
        staff_id=first.id,
        name=first.name,
        on_duty=first.on_duty,
        has_trade=first.trade is not None,
        certified_until=certified_until,
        works_here=bool(areas) or not first.has_areas,
        own_building="" in areas or (building != "" and building in areas),
        was_there=first.last_there == first.id,
        jobs=tuple(jobs.values()),
        assigned_at=first.assigned_at,
        phone=first.phone,
        account=first.account,
        openid=first.openid,
    )


def _job(priority: str, state: str, arrived_at: datetime | None) -> Job:
    return Job(priority, started=state in (TAKEN, ON_SITE), arrived_at=arrived_at if state == ON_SITE else None)
