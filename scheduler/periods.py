"""When is a timed task due, and for which period? Pure: everything follows from the task, the time and what was run last.

A period's key is written in Asia/Shanghai whatever zone the machine or the given time is in, so all schedulers agree on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from models.db import SHANGHAI

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Task:
    """Something time does. Either `every` so long (a whole part of a day), or daily `at` a time in Asia/Shanghai.

    `run(services, now)` returns the outcome in a few words. What was missed: an interval is run once, whatever was slept
    through; a daily task is run once for each missed day, oldest first, up to `catch_up` days back, with `now` being the
    moment that day's run was due.
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


def _days(task: Task, now: datetime, newest: str | None) -> list[Period]:
    assert task.at is not None
    today = now.date()
    last = today if now >= _due_at(task.at, today) else today - DAY
    # A task that has never run has missed nothing: its first day is today.
    first = date.fromisoformat(newest) + DAY if newest else today
    first = max(first, last - task.catch_up * DAY)
    days = [first + number * DAY for number in range((last - first).days + 1)]
    return [Period(day.isoformat(), _due_at(task.at, day)) for day in days]


def _due_at(at: time, day: date) -> datetime:
    return datetime.combine(day, at, SHANGHAI)
