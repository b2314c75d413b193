"""Orders as the desk looks at them: how many stand where, the list by what is asked for, page by page, and all of it as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.queries import at_address, said_homes
from models.estate.tables import Community, Home
from models.people.tables import Staff
from models.workorders.actors import Actor
from models.workorders.queries import Line, lines, past_due, visible_to
from models.workorders.states import ACCEPTED, FINAL, NEW, OPEN, PAUSED, STATE_NAMES, WAIT_CONFIRM, WAIT_VISIT
from models.workorders.tables import OrderClock, WorkOrder

# What may be asked for, by its word in the address.
GROUPS: dict[str, frozenset[str]] = {
    "open": OPEN,
    "unassigned": frozenset({NEW, ACCEPTED}),
    "rating": frozenset({WAIT_CONFIRM, WAIT_VISIT}),
    "closed": FINAL,
    "all": frozenset(STATE_NAMES),
}
_LONGEST_TEXT = 50


@dataclass(frozen=True)
class Asked:
    """`states` is a word of GROUPS or one state; `text` a number, a home, or words of the report; `before` the last number seen."""

    states: str = "open"
    community_id: int | None = None
    text: str = ""
    late: bool = False
    before: int | None = None


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many orders that are not over stand in each state. One statement."""
    rows = session.execute(
        sa.select(WorkOrder.state, sa.func.count())
        .where(visible_to(actor), WorkOrder.state.not_in(sorted(FINAL)))
        .group_by(WorkOrder.state)
    )
    return {state: count for state, count in rows}


def how_many_late(session: Session, actor: Actor, now: datetime) -> int:
    """How many are past the time they were promised for."""
    return session.scalar(sa.select(sa.func.count()).where(*_conditions(actor, Asked(late=True), now))) or 0


def page_of_orders(session: Session, actor: Actor, asked: Asked, now: datetime, *, limit: int = 30) -> list[Line]:
    """The newest first; the next page begins `before` the last number of this one. One statement."""
    conditions = _conditions(actor, asked, now)
    if asked.before is not None:
        conditions.append(WorkOrder.id < asked.before)
    return lines(session, *conditions, limit=limit, newest=True)


def table_of_orders(session: Session, actor: Actor, asked: Asked, now: datetime) -> Iterator[Any]:
    """All that is asked for, row by row, for a file."""
    yield from session.execute(
        sa.select(
            WorkOrder,
            Community.name.label("community"),
            Home.building,
            Home.entrance,
            Home.room,
            Staff.name.label("worker"),
        )
        .join(Community, Community.id == WorkOrder.community_id)
        .outerjoin(Home, Home.id == WorkOrder.home_id)
        .outerjoin(Staff, Staff.id == WorkOrder.staff_id)
        .where(*_conditions(actor, asked, now))
        .order_by(WorkOrder.id)
        .execution_options(yield_per=500)
    )


def _conditions(actor: Actor, asked: Asked, now: datetime) -> list[sa.ColumnElement[bool]]:
    states = GROUPS.get(asked.states) or frozenset({asked.states}) & frozenset(STATE_NAMES)
    found: list[sa.ColumnElement[bool]] = [visible_to(actor), WorkOrder.company_id == actor.company_id]
    if asked.states != "all":
        found.append(WorkOrder.state.in_(sorted(states)))
    if asked.community_id is not None:
        found.append(WorkOrder.community_id == asked.community_id)
    if asked.late:
        clock = sa.select(OrderClock.order_id).where(OrderClock.order_id == WorkOrder.id, past_due(now))
        found += [WorkOrder.state != PAUSED, clock.correlate(WorkOrder).exists()]
    if text := asked.text.strip()[:_LONGEST_TEXT]:
        found.append(_speaks_of(text, actor))
    return found


def _speaks_of(text: str, actor: Actor) -> sa.ColumnElement[bool]:
    """A bare number may be an order's or a door's; with # it is an order's."""
    number = text.lstrip("#＃").strip()
    numbered = [WorkOrder.id == int(number)] if number.isascii() and number.isdigit() and len(number) <= 9 else []
    if numbered and text != number:
        return numbered[0]
    within = sa.select(Community.id).where(Community.company_id == actor.company_id)
    homes = [
        WorkOrder.home_id.in_(sa.select(Home.id).where(Home.community_id.in_(within), at_address(words)))
        for words in said_homes(text, bare_room=True)
    ]
    return sa.or_(
        *numbered,
        *homes,
        WorkOrder.problem.contains(text, autoescape=True),
        WorkOrder.place.contains(text, autoescape=True),
        WorkOrder.reporter_name.contains(text, autoescape=True),
    )
