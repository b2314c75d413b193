"""Telling the office that two reports may be one thing, with the very words that join them."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import Home, Place
from models.workorders.actors import system_actor
from models.workorders.alike import ALIKE_WITHIN, Report, alike_pairs
from models.workorders.announce import tell_office
from models.workorders.move import Mark
from models.workorders.place import snapshot, view_of
from models.workorders.states import ACCEPTED, DISPATCHED, NEW, OPEN
from models.workorders.tables import WorkOrder

_CAN_BE_MERGED = (NEW, ACCEPTED, DISPATCHED)
MOST = 500  # orders looked at in one go; in a storm that brings more, nobody has time for suggestions
# The reporter is asked first, where that may be; the office hears of what is still open after this, and once.
AFTER, UNTIL = timedelta(minutes=2), timedelta(minutes=12)


def alike_now(session: Session, now: datetime) -> list[tuple[int, int]]:
    """(later, earlier) for every two open orders that may be about the same thing, while there is time to tell. One statement."""
    since = now - ALIKE_WITHIN - UNTIL
    # What moved before the hour was also made before it: this way the index of states and moves serves.
    rows = session.execute(
        sa.select(
            WorkOrder.id,
            WorkOrder.community_id,
            WorkOrder.place_id,
            sa.func.coalesce(Place.building, Home.building, "").label("building"),
            WorkOrder.category,
            WorkOrder.account,
            WorkOrder.openid,
            WorkOrder.home_id,
            WorkOrder.created_at,
        )
        .outerjoin(Home, Home.id == WorkOrder.home_id)
        .outerjoin(Place, Place.id == WorkOrder.place_id)
        .where(WorkOrder.state.in_(sorted(OPEN)), WorkOrder.moved_at >= since, WorkOrder.created_at >= since)
        .order_by(WorkOrder.id.desc())
        .limit(MOST)
    ).all()
    young = {row.id for row in rows if AFTER <= now - row.created_at <= UNTIL}
    pairs = alike_pairs(_report(row) for row in rows)
    return [(pair.later, pair.earlier) for pair in pairs if pair.later in young]


def suggest_merge(session: Session, later_id: int, earlier_id: int, *, now: datetime) -> None:
    """Tell the office once. Nothing to tell when one of them is over meanwhile."""
    found = session.scalars(sa.select(WorkOrder).where(WorkOrder.id.in_((later_id, earlier_id)))).all()
    orders = {order.id: order for order in found if order.state in OPEN}
    if len(orders) < 2:
        return
    later, earlier = orders[later_id], orders[earlier_id]
    join, into = _which_joins(later, earlier)
    view, other_view = view_of(session, later), view_of(session, earlier)
    data = snapshot(
        later,
        view,
        other=earlier.id,
        other_where=other_view.where,
        other_problem=earlier.problem,
        join=join,
        into=into,
        why=f"和 #{earlier.id} 可能是同一件事",
    )
    mark = Mark(later.id, earlier.id, now)
    tell_office(session, later, mark, "order_alike", data, actor=system_actor(later.company_id))


def _which_joins(later: WorkOrder, earlier: WorkOrder) -> tuple[int, int]:
    """(which joins, into which): the later one if nobody has taken it yet, else the earlier one; (0, 0) when both are taken."""
    for one, other in ((later, earlier), (earlier, later)):
        if one.state in _CAN_BE_MERGED:
            return one.id, other.id
    return 0, 0


def _report(row: Any) -> Report:
    who = f"{row.account}/{row.openid}" if row.openid is not None else f"home {row.home_id}"
    return Report(row.id, row.community_id, row.place_id, row.building, row.category, who, row.created_at)
