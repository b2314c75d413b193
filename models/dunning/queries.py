"""Who is late, what has been said to them, and what stops the next word. Every question takes the compounds it may look into."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.tables import Bill
from models.db import SHANGHAI
from models.dunning.steps import FIRST, Rules, Step, may_remind, next_step, rules_from, stopped_by
from models.dunning.tables import Demand, DunningStop, InstalmentPlan
from models.estate.tables import Community, CompanySetting, Home
from models.people.rights import MAY
from models.people.tables import Binding
from models.workorders.queries import past_due
from models.workorders.states import OPEN
from models.workorders.tables import OrderClock, WorkOrder

SETTING = "dunning"


@dataclass(frozen=True)
class Late:
    """A home that is late: `fen` past the due day, the oldest of it due on `due`, and what comes next (`step`, None: nothing yet).

    `stops` in words; `order`: a repair of theirs that is late itself, so a human looks before anything is said.
    """

    home: Home
    community: str
    fen: int
    months: int
    due: date
    round: int
    step: Step | None
    stops: str = ""
    order: int | None = None
    reachable: bool = False
    rested: bool = True  # seven days have passed since they last heard of it
    demands: Sequence[date] = field(default=())

    @property
    def label(self) -> str:
        return f"{self.community}{self.home.label}"


def rules_of(session: Session, company_id: int) -> Rules:
    value = session.scalar(
        sa.select(CompanySetting.value).where(CompanySetting.company_id == company_id, CompanySetting.name == SETTING)
    )
    return rules_from(value or {})


def late_homes(
    session: Session, community_ids: Collection[int], rules: Rules, now: datetime, *, homes: Collection[int] = ()
) -> list[Late]:
    """Every home of these compounds with something past its due day; `homes` narrows them. Six statements, however many there are."""
    today = now.astimezone(SHANGHAI).date()
    where = [
        Bill.community_id.in_(community_ids), Bill.state == "posted", Bill.paid < Bill.amount, Bill.due_on < today,
        Bill.former_id.is_(None),  # whoever lives there now hears nothing of a former owner's debt
    ]  # fmt: skip
    if homes:
        where.append(Bill.home_id.in_(homes))
    owing = session.execute(
        sa.select(
            Home, Community.name, sa.func.sum(Bill.amount - Bill.paid), sa.func.count(sa.distinct(Bill.period)),
            sa.func.min(Bill.due_on),
        )
        .join(Home, Home.id == Bill.home_id)
        .join(Community, Community.id == Home.community_id)
        .where(*where)
        .group_by(Home.id, Community.name)
        .order_by(Home.community_id, Home.building, Home.entrance, Home.room)
    ).all()  # fmt: skip
    if not owing:
        return []
    within = sa.select(Home.id).where(Home.community_id.in_(community_ids))
    if homes:
        within = within.where(Home.id.in_(homes))
    said, stops, broken = _said(session, within), _stops(session, within, today), _broken(session, within)
    orders, reachable = _late_orders(session, within, now), _reachable(session, within)
    found = []
    for home, name, fen, months, due in owing:
        of_home = said.get(home.id, [])
        number = broken.get(home.id, 0)
        done = max(
            (step for step, about, in_round, _, _ in of_home if (about, in_round) == (due, number)), default=None
        )
        if number and done is None:
            done = FIRST  # an agreement that was not kept: back to the second step
        last = max((day for _, _, _, way, day in of_home if way == "chat"), default=None)
        found.append(
            Late(
                home, name, int(fen), months, due, number, next_step(rules, due, today, done, int(fen)),
                stopped_by(stops.get(home.id, ())), orders.get(home.id), home.id in reachable,
                may_remind(last, today), tuple(day for _, _, _, _, day in of_home),
            )
        )  # fmt: skip
    return found


_Said = tuple[int, date, int, str, date]  # step, the due day it speaks of, round, way, its day


def _said(session: Session, homes: sa.Select[Any]) -> Mapping[int, list[_Said]]:
    found: dict[int, list[_Said]] = {}
    rows = session.execute(
        sa.select(Demand.home_id, Demand.step, Demand.due, Demand.round, Demand.way, Demand.at).where(
            Demand.home_id.in_(homes)
        )
    )
    for home, step, due, number, way, at in rows:
        found.setdefault(home, []).append((step, due, number, way, at.astimezone(SHANGHAI).date()))
    return found


def in_force(today: date) -> sa.ColumnElement[bool]:
    return sa.and_(DunningStop.ended_at.is_(None), sa.or_(DunningStop.until.is_(None), DunningStop.until >= today))


def _stops(session: Session, homes: sa.Select[Any], today: date) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = {}
    stops = sa.select(DunningStop.home_id, DunningStop.why).where(DunningStop.home_id.in_(homes), in_force(today))
    for home, why in session.execute(stops):
        found.setdefault(home, set()).add(why)
    return found


def _broken(session: Session, homes: sa.Select[Any]) -> Mapping[int, int]:
    """Home → how many plans it has not kept."""
    rows = session.execute(
        sa.select(InstalmentPlan.home_id, sa.func.count())
        .where(InstalmentPlan.home_id.in_(homes), InstalmentPlan.state == "broken")
        .group_by(InstalmentPlan.home_id)
    )
    return {home: count for home, count in rows}


def _late_orders(session: Session, homes: sa.Select[Any], now: datetime) -> Mapping[int, int]:
    """Home → its oldest repair that is late."""
    rows = session.execute(
        sa.select(WorkOrder.home_id, sa.func.min(WorkOrder.id))
        .join(OrderClock, OrderClock.order_id == WorkOrder.id)
        .where(WorkOrder.home_id.in_(homes), WorkOrder.state.in_(OPEN), past_due(now))
        .group_by(WorkOrder.home_id)
    )
    return {home: order for home, order in rows if home is not None}


def _reachable(session: Session, homes: sa.Select[Any]) -> set[int]:
    """Homes with somebody bound who may see all of its bills."""
    return set(
        session.scalars(
            sa.select(Binding.home_id)
            .where(Binding.home_id.in_(homes), Binding.relation.in_(sorted(MAY["see_bills"])))
            .distinct()
        )
    )


def disputed(home_id: sa.orm.InstrumentedAttribute[int], today: date) -> sa.ColumnElement[bool]:
    """The home disputes its bill: nothing is taken by itself, because taking the money would decide the dispute."""
    return sa.exists().where(
        DunningStop.home_id == home_id, DunningStop.why == "dispute", DunningStop.ended_at.is_(None),
        sa.or_(DunningStop.until.is_(None), DunningStop.until >= today),
    )  # fmt: skip
