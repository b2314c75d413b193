"""Two of the office call about the same order: one of them has done it, and with the guards off both would have."""

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.workorders import actions, actions_follow_up, move
from models.workorders.tables import FollowUp, WorkOrder
from tests.support.races import Race, violations
from tests.support.repairs import Cast, settle

ROUNDS = 3


@pytest.fixture
def company(database: Database, now: datetime) -> Cast:
    with database.transaction() as session:
        return settle(session, now)


def race_for_the_visit(cast: Cast, now: datetime) -> Race:
    def rated_badly(session: Session, number: int) -> int:
        order = cast.report(session, now, "厨房水管漏水了", home_id=None, place=f"{number}号水泵房").order
        if order.staff_id != cast.staff["chen"].id:
            actions.dispatch_to(session, order, cast.staff["chen"], now=now, actor=cast.worker("manager"))
        order.public = False
        actions.finish(session, order, now=now, actor=cast.worker("chen"), result="好了")
        actions.rate(session, order, now=now, actor=cast.resident("zhang"), stars=1)
        return order.id

    def look(session: Session, number: int) -> WorkOrder:
        return session.scalars(sa.select(WorkOrder).where(WorkOrder.id == number)).one()

    def visit(who: str) -> Any:
        def act(session: Session, order: WorkOrder) -> None:
            session.add(order)
            actions.visited(session, order, now=now, actor=cast.worker(who), result="满意")

        return act

    return Race(prepare=rated_badly, acts=[visit("clerk"), visit("manager")], look=look)


def test_one_of_two_has_made_the_visit(database: Database, company: Cast, now: datetime) -> None:
    assert violations(database, race_for_the_visit(company, now), ROUNDS) == []


def test_without_the_guards_both_have(
    database: Database, company: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change_anyway(session: Session, row: Any, values: dict[str, Any]) -> None:
        table = type(row)
        session.execute(
            sa.update(table).where(table.id == row.id).values(**values).execution_options(synchronize_session=False)
        )
        session.refresh(row)

    monkeypatch.setattr(
        move, "change_if_unmoved", lambda session, order, values, *_: change_anyway(session, order, values)
    )
    monkeypatch.setattr(
        actions_follow_up, "_change", lambda session, task, **values: change_anyway(session, task, values)
    )
    monkeypatch.setattr(
        actions_follow_up,
        "_open_call",
        lambda session, order: session.scalars(sa.select(FollowUp).where(FollowUp.order_id == order.id)).first(),
    )
    assert violations(database, race_for_the_visit(company, now), ROUNDS)
