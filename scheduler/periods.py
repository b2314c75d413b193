"""When is a timed task due, and for which period? Pure: everything follows from the task, the time and what was run last.

A period's key is written in Asia/Shanghai whatever zone the machine or the given time is in, so all schedulers agree on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from models.db import SHANGHAI

DAY = timedelta(days=1)

MOST_SKIPPED = 31  # days that are put down as skipped after a long silence; older ones nobody asks about


@dataclass(frozen=True)
class Task:
    """Something time does. Either `every` so long (a whole part of a day), or daily `at` a time in Asia/Shanghai.

    `run(services, now)` returns the outcome in a few words. What was missed: an interval is run once, whatever was slept
    through; a daily task is run once for each missed day, oldest first, up to `catch_up` days back, with `now` being the
    moment that day's run was due. Days before that are skipped, and put down as such.
    """

    name: str
    run: Callable[[Any, datetime], str]
    every: timedelta | None = None
    at: time | None = None
    catch_up: int = 0

    def __post_init__(self) -> None:
        if (self.every is None) == (self.at is None):
            raise ValueError(f"{self.name}: say either every or at")
        if self.every is not None and (self.every < timedelta(seconds=1) or DAY % self.every):
            raise ValueError(f"{self.name}: {self.every} is no whole part of a day")


@dataclass(frozen=True)
class Period:
    """One run that is due: its key among the task's runs, and the `now` it is run with."""

    key: str
    now: datetime


def due_periods(task: Task, now: datetime, newest: str | None) -> list[Period]:
    """What must be run now, oldest first. `newest` is the key of the task's newest run so far, None if there is none.

    A clock that was set back finds its periods run already, and does nothing until it is where it was.
    """
    now = now.astimezone(SHANGHAI)
    periods = [_interval(task.every, now)] if task.every else _days(task, now, newest)
    return [period for period in periods if newest is None or period.key > newest]


def _interval(every: timedelta, now: datetime) -> Period:
    midnight = datetime.combine(now.date(), time(), SHANGHAI)
    begun = midnight + (now - midnight) // every * every
    return Period(f"{begun:%Y-%m-%dT%H:%M:%S}", now)


def skipped_days(task: Task, now: datetime, newest: str | None) -> list[str]:
    """The days that were missed and lie too far back to be made up for: their keys, oldest first."""
    if task.at is None or newest is None:
        return []
    now = now.astimezone(SHANGHAI)
    begin, end = date.fromisoformat(newest) + DAY, _first_day(task, task.at, now, newest)
    begin = max(begin, end - MOST_SKIPPED * DAY)
    return [(begin + number * DAY).isoformat() for number in range((end - begin).days)]


def moment_key(now: datetime) -> str:
    """Sorts among the keys of all periods: after those that have begun, before those that have not."""
    return f"{now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S}"


def _days(task: Task, now: datetime, newest: str | None) -> list[Period]:
    assert task.at is not None
    first, last = _first_day(task, task.at, now, newest), _last_day(task.at, now)
    days = [first + number * DAY for number in range((last - first).days + 1)]
    return [Period(day.isoformat(), _due_at(task.at, day)) for day in days]


def _first_day(task: Task, at: time, now: datetime, newest: str | None) -> date:
    # A task that has never run has missed nothing: its first day is today.
    first = date.fromisoformat(newest) + DAY if newest else now.date()
    return max(first, _last_day(at, now) - task.catch_up * DAY)


def _last_day(at: time, now: datetime) -> date:
    today = now.date()
    return today if now >= _due_at(at, today) else today - DAY


def _due_at(at: time, day: date) -> datetime:
    return datetime.combine(day, at, SHANGHAI)
