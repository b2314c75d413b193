"""Two schedulers look at the same clock at the same moment: people hear of it once. With the guard off they would hear twice."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from models.db import Database
from models.messaging.tables import Outbox
from models.workorders import actions, watch
from models.workorders.clock_rules import rules_of
from models.workorders.tables import WorkOrder
from tests.models.workorders.test_races import company, together
from tests.support.repairs import Cast

__all__ = ["company"]


def _taken(database: Database, cast: Cast, now: datetime) -> int:
    with database.transaction() as session:
        order = cast.report(session, now, "家里停水了").order
        actions.take(session, order, now=now, actor=cast.worker("chen"))
        return order.id


def _look_together(database: Database, cast: Cast, order_id: int, now: datetime) -> list[str]:
    def look() -> None:
        with database.transaction() as session:
            rules = rules_of(session, cast.company_id, now).of(cast.garden)
            watch.look_at(session, session.get_one(WorkOrder, order_id), rules, now=now)

    return together(look, look)


def _apologies(database: Database) -> int | None:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Outbox).where(Outbox.kind == "order_late"))


@pytest.fixture
def both_read_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worst case: both have seen that nothing was told yet. On SQLite one transaction waits for the other anyway."""
    if database.is_sqlite:
        return
    barrier, climbed = threading.Barrier(2), watch._climbed

    def read_together(*args: Any) -> frozenset[str]:
        found = climbed(*args)
        barrier.wait(timeout=10)
        return found

    monkeypatch.setattr(watch, "_climbed", read_together)


@pytest.mark.usefixtures("both_read_first")
def test_two_look_at_once_and_people_hear_once(database: Database, company: Cast, now: datetime) -> None:
    order_id = _taken(database, company, now)
    assert _look_together(database, company, order_id, now + timedelta(minutes=61)) == ["done", "done"]
    assert _apologies(database) == 1


@pytest.mark.usefixtures("both_read_first")
def test_without_the_guard_they_would_hear_twice(
    database: Database, company: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = _taken(database, company, now)
    monkeypatch.setattr(watch, "_climb", lambda *args: True)
    if database.is_sqlite:
        monkeypatch.setattr(watch, "_climbed", lambda *args: frozenset())
    assert _look_together(database, company, order_id, now + timedelta(minutes=61)) == ["done", "done"]
    assert _apologies(database) == 2
