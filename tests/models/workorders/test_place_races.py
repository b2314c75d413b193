"""Two people scan one sticker at the same moment: one order each, and the second hears of the first. With and without the guard."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from models.db import Database
from models.estate.place_actions import add_places, claim_qr
from models.estate.place_sheet import PlaceRow
from models.workorders import ground, report
from models.workorders.tables import WorkOrder
from tests.models.workorders.test_races import together
from tests.support.repairs import Cast, settle


@pytest.fixture
def company(database: Database, now: datetime) -> tuple[Cast, int]:
    with database.transaction() as session:
        cast = settle(session, now)
        places = add_places(session, cast.garden, [(PlaceRow("电梯", (), "3", "2"), "CODE", "TAG")], now)
    return cast, places[0]


def both_report(database: Database, cast: Cast, place_id: int, now: datetime) -> list[int | None]:
    """What each was told of the other: the number of an order, or None."""
    heard: list[int | None] = []

    def say(who: str) -> Callable[[], None]:
        def run() -> None:
            with database.transaction() as session:
                said = cast.report(
                    session,
                    now,
                    "坏了",
                    actor=cast.resident(who),
                    reporter=cast.reporter(who),
                    home_id=None,
                    place_id=place_id,
                )
                heard.append(said.alike)

        return run

    assert together(say("zhang"), say("li")) == ["done", "done"]
    return heard


def test_the_second_of_two_hears_of_the_first(database: Database, company: tuple[Cast, int], now: datetime) -> None:
    heard = both_report(database, *company, now)
    with database.reading() as session:
        orders = list(session.scalars(sa.select(WorkOrder.id).order_by(WorkOrder.id)))
    assert len(orders) == 2
    assert sorted(heard, key=str) == [orders[0], None]


def test_without_the_lock_neither_would_hear_of_the_other_on_postgresql(
    database: Database, company: tuple[Cast, int], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nobody else can write while a transaction lasts: there its beginning is the lock."""
    if not database.is_sqlite:
        both_looked = threading.Barrier(2)
        look = report._open_already

        def look_together(*args: Any) -> Any:
            found = look(*args)
            both_looked.wait(timeout=10)
            return found

        monkeypatch.setattr(report, "_open_already", look_together)
    monkeypatch.setattr(sa.Select, "with_for_update", lambda query, **options: query)
    monkeypatch.setattr(
        ground, "_question", ground._question.__wrapped__
    )  # not the statement that was built with its lock
    heard = both_report(database, *company, now)
    assert heard.count(None) == (1 if database.is_sqlite else 2)


def claims(database: Database, place_id: int, now: datetime) -> int:
    won: list[bool] = []

    def claim() -> None:
        with database.transaction() as session:
            won.append(claim_qr(session, place_id, now))

    together(*[claim] * 4)
    return won.count(True)


def test_of_four_who_print_at_once_one_asks_wechat(
    database: Database, company: tuple[Cast, int], now: datetime
) -> None:
    assert claims(database, company[1], now) == 1


def test_without_the_condition_all_four_would(
    database: Database, company: tuple[Cast, int], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.estate.place_actions.CLAIM_LASTS", now - now)
    assert claims(database, company[1], now) == 4
