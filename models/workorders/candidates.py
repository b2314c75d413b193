"""Everybody who might be sent, with what they have to do already: one look at the database."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import plain
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
    only_here: bool = False,
) -> list[Candidate]:
    """All workers of the company, or `only_here` those who look after the compound; judged by nobody yet.

    One statement: a row for each worker, area and kind of open order.
    """
    asked = {
        "company": company_id,
        "community": community_id,
        "of_trade": trade,
        "home": home_id,
        "but_not": but_not_order or 0,
    }
    grouped: dict[int, list[Any]] = {}
    for row in session.execute(_HERE if only_here else _EVERYBODY, asked):
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
    here.sort(key=lambda one: (not one.has_trade, not one.on_duty, one.open_orders, one.staff_id))
    return [Colleague(one.staff_id, _label(one, order.trade)) for one in here]


def _label(one: Candidate, trade: str) -> str:
    about = [trade] if one.has_trade else []
    about += ["在班" if one.on_duty else "不在班", *([f"手上{one.open_orders}单"] if one.jobs else [])]
    return f"{one.name}（{'，'.join(about)}）"


def _candidate(rows: list[Any], building: str) -> Candidate:
    first = rows[0]
    areas = {row.building for row in rows if row.building is not None}
    # Somebody with several buildings of the compound has each kind of order once for each of them.
    jobs = {(row.priority, row.state, row.arrived_at): row.how_many for row in rows if row.priority is not None}
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
        jobs=tuple(_job(*kind, how_many) for kind, how_many in jobs.items()),
        assigned_at=first.assigned_at,
        phone=first.phone,
        account=first.account,
        openid=first.openid,
    )


def _job(priority: str, state: str, arrived_at: datetime | None, how_many: int) -> Job:
    return Job(priority, started=state in (TAKEN, ON_SITE), arrived_at=arrived_at, how_many=how_many)


def _everybody() -> sa.Select[Any]:
    staff, trades, areas = plain(Staff), plain(StaffTrade), plain(StaffArea)
    orders, last = plain(WorkOrder), plain(WorkOrder).alias("last")
    last_there = (
        sa.select(last.c.staff_id)
        .where(
            last.c.home_id == sa.bindparam("home"),
            last.c.trade == sa.bindparam("of_trade"),
            last.c.done_at.is_not(None),
        )
        .order_by(last.c.done_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    # Since when somebody is at work counts for each order by itself; of all others only how many there are.
    arrived_at = sa.case((orders.c.state == ON_SITE, orders.c.arrived_at))
    has_trade = sa.and_(trades.c.staff_id == staff.c.id, trades.c.trade == sa.bindparam("of_trade"))
    is_here = sa.and_(areas.c.staff_id == staff.c.id, areas.c.community_id == sa.bindparam("community"))
    busy_with = sa.and_(
        orders.c.staff_id == staff.c.id,
        orders.c.state.in_(tuple(WITH_WORKER)),
        orders.c.id != sa.bindparam("but_not"),
    )
    one_worker = (*staff.c, trades.c.trade, trades.c.certified_until, areas.c.building)
    one_kind = (orders.c.priority, orders.c.state, arrived_at)
    return (
        sa.select(
            *one_worker,
            orders.c.priority,
            orders.c.state,
            arrived_at.label("arrived_at"),
            sa.func.count(orders.c.id).label("how_many"),
            last_there.label("last_there"),
            _has_areas(staff).label("has_areas"),
        )
        .select_from(staff.outerjoin(trades, has_trade).outerjoin(areas, is_here).outerjoin(orders, busy_with))
        .where(staff.c.company_id == sa.bindparam("company"), staff.c.role.in_(_WORKERS), staff.c.left_at.is_(None))
        .group_by(*one_worker, *one_kind)
        .order_by(staff.c.id, sa.func.min(orders.c.id))
    )


def _has_areas(staff: sa.Table) -> sa.ColumnElement[bool]:
    """Staff without any area look after the whole company."""
    own = plain(StaffArea).alias("own")
    return sa.exists(sa.select(sa.literal(1)).select_from(own).where(own.c.staff_id == staff.c.id))


_EVERYBODY = _everybody()
_HERE = _EVERYBODY.where(sa.or_(plain(StaffArea).c.staff_id.is_not(None), ~_has_areas(plain(Staff))))
