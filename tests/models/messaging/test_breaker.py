from datetime import datetime, timedelta

import pytest

from models.messaging import breaker
from models.messaging.breaker import BreakerRules, Quota
from models.messaging.ladder import Shut
from models.messaging.tables import ApiBook

RULES = BreakerRules(failures=3)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def book() -> ApiBook:
    return ApiBook(
        account="gh_1", api="template", failures=0, probing=False, skip=False, why="",
        day="", day_used=0, minute="", minute_used=0,
    )  # fmt: skip


def fail(book: ApiBook, at: datetime, times: int = 1) -> None:
    for _ in range(times):
        breaker.not_answered(book, at, RULES, "ReadTimeout")


def test_the_third_silence_in_a_row_opens_it(book: ApiBook, now: datetime) -> None:
    fail(book, now, 2)
    breaker.answered(book)
    fail(book, now, 2)
    assert breaker.shut_now(book, now) is None
    fail(book, now)
    assert breaker.shut_now(book, now) == Shut(now + 10 * SECOND, why="ReadTimeout")


def test_then_one_message_every_ten_seconds_asks(book: ApiBook, now: datetime) -> None:
    fail(book, now, 3)
    asked = 0
    for second in range(3600):
        at = now + second * SECOND
        if breaker.may_probe(book, at):
            asked += 1
            breaker.probe(book, at, RULES)
            fail(book, at)
    assert 350 <= asked <= 360


def test_an_answer_lets_everybody_through(book: ApiBook, now: datetime) -> None:
    fail(book, now, 3)
    breaker.probe(book, now + 10 * SECOND, RULES)
    assert breaker.shut_now(book, now + 10 * SECOND) is not None
    breaker.answered(book)
    assert breaker.shut_now(book, now + 10 * SECOND) is None


def test_a_stop_is_asked_about_every_five_minutes(book: ApiBook, now: datetime) -> None:
    breaker.stopped(book, now, RULES, skip=False, why="40164")
    assert not breaker.may_probe(book, now + 4 * MINUTE)
    assert breaker.may_probe(book, now + 5 * MINUTE)
    assert breaker.shut_now(book, now + 6 * MINUTE) is not None  # only the one that asks goes through


def test_what_was_taken_away_is_asked_about_once_an_hour(book: ApiBook, now: datetime) -> None:
    breaker.stopped(book, now, RULES, skip=True, why="48001")
    assert not breaker.may_probe(book, now + 59 * MINUTE)
    assert breaker.may_probe(book, now + HOUR)


def test_a_pause_ends_by_itself(book: ApiBook, now: datetime) -> None:
    breaker.paused(book, now + MINUTE, "45011")
    assert breaker.shut_now(book, now + 59 * SECOND) == Shut(now + MINUTE, why="45011")
    assert breaker.shut_now(book, now + MINUTE) is None


def test_a_short_pause_does_not_shorten_a_long_one(book: ApiBook, now: datetime) -> None:
    breaker.paused(book, now + HOUR, "45009")
    breaker.paused(book, now + MINUTE, "45011")
    assert breaker.shut_now(book, now + 30 * MINUTE) is not None


@pytest.mark.parametrize(("used", "ordinary", "first"), [(79, False, False), (80, True, False), (100, True, True)])
def test_the_day_has_a_reserve_for_what_comes_first(
    book: ApiBook, now: datetime, used: int, ordinary: bool, first: bool
) -> None:
    quota = Quota(per_day=100, reserve=20)
    breaker.count(book, now, used)
    assert (breaker.used_up(book, now, quota, first=False) is not None) is ordinary
    assert (breaker.used_up(book, now, quota, first=True) is not None) is first


def test_a_day_begins_at_midnight_in_beijing(book: ApiBook, now: datetime) -> None:
    late = now.replace(hour=23, minute=59)
    breaker.count(book, late, 100)
    shut = breaker.used_up(book, late, Quota(per_day=100), first=True)
    assert shut is not None
    assert shut.until == (now + timedelta(days=1)).replace(hour=0, minute=0)
    assert breaker.used_up(book, shut.until, Quota(per_day=100), first=True) is None


def test_a_minute_has_its_own_count(book: ApiBook, now: datetime) -> None:
    breaker.count(book, now + 30 * SECOND, 10)
    shut = breaker.used_up(book, now + 31 * SECOND, Quota(per_minute=10), first=True)
    assert shut is not None
    assert shut.until == now + MINUTE
    assert breaker.used_up(book, now + MINUTE, Quota(per_minute=10), first=True) is None


def test_staff_are_told_once_an_hour(book: ApiBook, now: datetime) -> None:
    told = [at for at in range(150) if breaker.alarm_is_due(book, now + at * MINUTE, RULES)]
    assert told == [0, 60, 120]
