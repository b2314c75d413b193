"""Parts of a big job: two at a time where the database lets two write, each once, in their order; a failure is not swallowed."""

import threading

import pytest

from models.db import Database
from scheduler.side_by_side import side_by_side


def test_what_comes_of_the_parts_is_in_their_order(database: Database) -> None:
    assert side_by_side(database, lambda part: part * 2, [3, 1, 2]) == [6, 2, 4]


def test_two_are_under_way_together_where_the_database_lets_them(database: Database) -> None:
    here, meet = threading.current_thread(), threading.Barrier(2)

    def work(part: int) -> bool:
        if not database.is_sqlite:
            meet.wait(20.0)  # seconds; alone nobody gets past it
        return threading.current_thread() is here

    assert side_by_side(database, work, [1, 2]) == [database.is_sqlite] * 2


def test_one_that_fails_is_heard_of_and_those_behind_it_are_not_begun(database: Database) -> None:
    begun: list[int] = []

    def work(part: int) -> None:
        begun.append(part)
        if part == 1:
            raise LookupError("part 1")

    with pytest.raises(LookupError, match="part 1"):
        side_by_side(database, work, range(1, 200))
    assert 200 > len(begun) >= 1
