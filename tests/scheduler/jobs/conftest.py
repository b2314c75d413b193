"""A small company, its orders, and a clock that is moved by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.clock import FixedClock
from models.db import Database
from models.workorders.tables import WorkOrder
from tests.support.repairs import Cast, settle


@dataclass
class Town:
    """What a job is given as its services, and what the test does to it."""

    database: Database
    clock: FixedClock
    cast: Cast

    def later(self, **step: float) -> datetime:
        self.clock.move(timedelta(**step))
        return self.clock.now()

    @contextmanager
    def order(self, number: int) -> Iterator[tuple[Session, WorkOrder]]:
        with self.database.transaction() as session:
            yield session, session.get_one(WorkOrder, number)

    def state(self, number: int) -> str:
        with self.database.reading() as session:
            return session.get_one(WorkOrder, number).state

    def report(self, problem: str = "厨房水管漏水了", **changed: object) -> int:
        with self.database.transaction() as session:
            return self.cast.report(session, self.clock.now(), problem, **changed).order.id


@pytest.fixture
def town(database: Database, now: datetime) -> Town:
    with database.transaction() as session:
        cast = settle(session, now)
    return Town(database, FixedClock(now), cast)
