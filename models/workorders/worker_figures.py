"""A quarter's figures of the people who repair, read from the stories of the orders."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models.people.tables import Staff
from models.workorders.categories import OUTSIDE_TRADES
from models.workorders.clock_rules import CompanyRules, rules_of
from models.workorders.figures import Figures, Piece, Timed, figures_of
from models.workorders.quarters import Quarter
from models.workorders.rounds import Round, rounds_of
from models.workorders.sla import Facts, pauses_that_count, read_clocks
from models.workorders.states import CANCELLED, MERGED, NEW, REJECTED
from models.workorders.tables import OrderEvent, WorkOrder

# Called off, somebody else's, or reported twice: nobody's work (domain rules 5.1).
_NOT_COUNTED = (NEW, CANCELLED, MERGED, REJECTED)


@dataclass(frozen=True)
class WorkerFigures:
    staff_id: int
    name: str
    figures: Figures


def figures_by_worker(
    session: Session,
    company_id: int,
    quarter: Quarter,
    *,
    now: datetime,
    communities: Collection[int] | None = None,
    staff_id: int | None = None,
) -> list[WorkerFigures]:
    """Everybody who had an order of this quarter in hand, who carried most first; `staff_id` for one person alone.

    `communities`: only their orders (None: all of the company's). Five statements, whatever the number of people.
    """
    rules = rules_of(session, company_id, now)
    pieces: dict[int, list[Piece]] = defaultdict(list)
    for order, events in _stories(session, company_id, quarter, communities, staff_id):
        for one in rounds_of(order.priority, events):
            pieces[one.staff_id].append(_piece(order, one, rules, now))
    wanted = [staff_id] if staff_id is not None else sorted(pieces)
    rows = session.execute(sa.select(Staff.id, Staff.name).where(Staff.id.in_(wanted)))
    names = {row.id: row.name for row in rows}
    found = [WorkerFigures(number, names.get(number, ""), figures_of(pieces.get(number, []))) for number in wanted]
    return sorted(found, key=lambda one: (-one.figures.load, one.staff_id))


def _stories(
    session: Session,
    company_id: int,
    quarter: Quarter,
    communities: Collection[int] | None,
    staff_id: int | None,
) -> Iterator[tuple[Any, list[Any]]]:
    """The orders reported in the quarter, each with its steps. One statement."""
    wanted = [
        WorkOrder.company_id == company_id,
        WorkOrder.created_at >= quarter.begins,
        WorkOrder.created_at < quarter.ends,
        WorkOrder.state.not_in(_NOT_COUNTED),
    ]
    if communities is not None:
        wanted.append(WorkOrder.community_id.in_(sorted(communities)))
    if staff_id is not None:
        own = aliased(OrderEvent)
        wanted.append(sa.exists().where(own.order_id == WorkOrder.id, own.staff_id == staff_id))
    rows = session.execute(
        sa.select(
            WorkOrder.id,
            WorkOrder.community_id,
            WorkOrder.priority,
            WorkOrder.trade,
            OrderEvent.at,
            OrderEvent.event,
            OrderEvent.staff_id,
            OrderEvent.reason,
            OrderEvent.details,
        )
        .join(OrderEvent, OrderEvent.order_id == WorkOrder.id)
        .where(*wanted)
        .order_by(WorkOrder.id, OrderEvent.id)
        .execution_options(yield_per=2000)
    )
    for _, steps in groupby(rows, key=lambda row: row.id):
        events = list(steps)
        yield events[0], events


def _piece(order: Any, one: Round, rules: CompanyRules, now: datetime) -> Piece:
    here = rules.of(order.community_id)
    facts = Facts(
        priority=one.priority,
        started_at=one.given_at,
        answered_at=one.answered_at or one.arrived_at or one.done_at,
        arrived_at=one.arrived_at or one.done_at,
        done_at=one.done_at,
        pauses=tuple(one.pauses),
    )
    clocks = read_clocks(facts, here, now)
    until = one.done_at or now
    stops = sum(
        int((ends - begins).total_seconds()) for begins, ends in pauses_that_count(one.pauses, until, here.pause_days)
    )
    return Piece(
        order_id=order.id,
        priority=one.priority,
        finished=one.done_at is not None and not one.reopened,
        seconds=int((until - one.given_at).total_seconds()) - stops if one.done_at is not None else None,
        clocks=tuple(Timed(clock.name, clock.stopped_at is not None, clock.is_late(now)) for clock in clocks),
        stars=one.stars,
        reopened=one.reopened,
        outside=order.trade in OUTSIDE_TRADES,
        storm=any(storm.begins < until and storm.ends > one.given_at for storm in here.storms),
    )
