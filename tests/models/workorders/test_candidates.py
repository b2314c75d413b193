"""Everybody who might be sent, and what they have to do: counted in the database, judged by the rule."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.people.tables import StaffArea
from models.workorders.candidates import candidates_for
from models.workorders.dispatch_score import Candidate, Job
from models.workorders.tables import WorkOrder
from tests.support.repairs import Cast


@pytest.fixture(autouse=True)
def busy_chen(session: Session, cast: Cast, now: datetime) -> None:
    """陈师傅 has three orders waiting, one begun, and is at a fifth since ten minutes."""
    states = [("DISPATCHED", "P2"), ("DISPATCHED", "P2"), ("DISPATCHED", "P1"), ("TAKEN", "P2"), ("ON_SITE", "P2")]
    for state, priority in states:
        order = cast.report(session, now, home_id=None, place="楼道", problem="楼道水管漏水").order
        values = {"state": state, "priority": priority, "staff_id": cast.staff["chen"].id}
        arrived = now - timedelta(minutes=10) if state == "ON_SITE" else None
        session.execute(sa.update(WorkOrder).where(WorkOrder.id == order.id).values(**values, arrived_at=arrived))
    session.expire_all()


def known(session: Session, cast: Cast, **more: object) -> dict[str, Candidate]:
    asked = {"company_id": cast.company_id, "community_id": cast.garden, "building": "3", "trade": "水工"}
    found = candidates_for(session, **asked, **more)  # type: ignore[arg-type]
    return {one.name: one for one in found}


def test_orders_of_one_kind_are_counted_and_each_visit_stands_for_itself(
    session: Session, cast: Cast, now: datetime
) -> None:
    chen = known(session, cast)["陈师傅"]
    assert set(chen.jobs) == {
        Job("P2", started=False, how_many=2),
        Job("P1", started=False),
        Job("P2", started=True),
        Job("P2", started=True, arrived_at=now - timedelta(minutes=10)),
    }
    assert chen.open_orders == 5


def test_a_second_building_does_not_double_the_work(session: Session, cast: Cast) -> None:
    session.execute(sa.delete(StaffArea).where(StaffArea.staff_id == cast.staff["chen"].id))
    for building in ("3", "4"):
        session.add(StaffArea(staff_id=cast.staff["chen"].id, community_id=cast.garden, building=building))
    session.flush()
    chen = known(session, cast)["陈师傅"]
    assert (chen.open_orders, chen.own_building) == (5, True)
    assert not known(session, cast, but_not_order=0)["刘师傅"].has_trade


def test_only_here_leaves_out_who_looks_after_another_compound(session: Session, cast: Cast) -> None:
    assert set(known(session, cast)) == {"陈师傅", "刘师傅", "强师傅", "周师傅"}
    assert set(known(session, cast, only_here=True)) == {"陈师傅", "刘师傅", "强师傅"}
    session.execute(sa.delete(StaffArea).where(StaffArea.staff_id == cast.staff["zhou"].id))
    assert "周师傅" in known(session, cast, only_here=True), "nowhere in particular is everywhere"


def test_the_order_in_question_does_not_count(session: Session, cast: Cast) -> None:
    order = session.scalars(sa.select(WorkOrder.id).where(WorkOrder.state == "TAKEN")).one()
    assert known(session, cast, but_not_order=order)["陈师傅"].open_orders == 4
