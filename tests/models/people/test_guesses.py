"""Limits on guessing, and that two tries at one moment are never both the last."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.db import Database, insert_or_ignore
from models.people import guesses
from models.people.tables import Guess


def test_the_tries_of_a_day_run_out_and_come_back_tomorrow(session: Session, now: datetime) -> None:
    assert [guesses.begin(session, "who", 3, now) for _ in range(5)] == [1, 2, 3, None, None]
    assert guesses.begin(session, "somebody else", 3, now) == 1
    assert guesses.begin(session, "who", 3, now + timedelta(days=1)) == 1


def test_a_day_ends_at_midnight_in_shanghai(session: Session, now: datetime) -> None:
    late = now.replace(hour=23, minute=59)
    assert guesses.begin(session, "who", 1, late) == 1
    assert guesses.begin(session, "who", 1, late + timedelta(seconds=30)) is None
    assert guesses.begin(session, "who", 1, late + timedelta(minutes=2)) == 1


def test_a_try_that_was_right_is_given_back(session: Session, now: datetime) -> None:
    guesses.begin(session, "who", 1, now)
    guesses.give_back(session, ["who"], now)
    assert guesses.begin(session, "who", 1, now) == 1


def test_the_guesser_is_counted_without_their_openid(session: Session) -> None:
    assert "demo-zhang" not in guesses.guesser("gh_linli", "demo-zhang")


def test_counts_of_past_days_are_forgotten(session: Session, now: datetime) -> None:
    guesses.begin(session, "who", 5, now - timedelta(days=1))
    guesses.begin(session, "who", 5, now)
    assert guesses.forget_old(session, now) == 1


def _race(database: Database, one_try: Callable[[Session], int | None]) -> list[int | None]:
    """Two people guess at the same place at the same moment, with one try left."""
    results: list[int | None] = []

    def guess() -> None:
        with database.transaction() as session:
            results.append(one_try(session))

    threads = [threading.Thread(target=guess) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_last_tries_at_one_moment_one_is_left_over(database: Database, now: datetime) -> None:
    assert sorted(_race(database, lambda session: guesses.begin(session, "place", 1, now)), key=str) == [1, None]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_counting_after_looking_would_let_both_through(database: Database, now: datetime) -> None:
    """The guard off: shows that the test above can fail. (SQLite lets only one transaction in at a time.)"""
    both_looked = threading.Barrier(2)

    def look_then_count(session: Session) -> int | None:
        seen = session.get(Guess, ("place", now.date()))
        both_looked.wait(timeout=5)
        if seen is not None and seen.wrong >= 1:
            return None
        insert_or_ignore(session, Guess, {"subject": "place", "day": now.date(), "wrong": 1})
        return 1

    assert _race(database, look_then_count) == [1, 1]
