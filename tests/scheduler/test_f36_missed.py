"""F36: the program was away when something was due. Each missed period is run once on return, or put down as skipped."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa

from bot.clock import SHANGHAI, FixedClock
from models.db import Database
from models.job_runs import JobRun
from scheduler.periods import Task
from scheduler.runner import Runner

MINUTE = Task("minutely", lambda *_: "", every=timedelta(minutes=1))
HALF_HOUR = Task("half-hourly", lambda *_: "", every=timedelta(minutes=30))
NIGHT = Task("nightly", lambda *_: "", at=time(3, 30), catch_up=7)
NAG = Task("nagging", lambda *_: "", at=time(9), catch_up=0)
MONTH_END = Task("month-end", lambda *_: "", at=time(23, 50), catch_up=3)


@dataclass
class Services:
    database: Database
    clock: FixedClock


# name → (task, the last look, the next look, what is run then as "month-day hour:minute", what is skipped)
MISSES: dict[str, tuple[Task, str, str, list[str], list[str]]] = {
    "2s-within-a-minute": (MINUTE, "2026-03-10T09:30:01", "2026-03-10T09:30:03", [], []),
    "2s-over-a-minute": (MINUTE, "2026-03-10T09:30:59", "2026-03-10T09:31:01", ["03-10 09:31"], []),
    "2s-over-a-half-hour": (HALF_HOUR, "2026-03-10T09:29:59", "2026-03-10T09:30:01", ["03-10 09:30"], []),
    "2s-over-the-night-run": (NIGHT, "2026-03-10T03:29:59", "2026-03-10T03:30:01", ["03-10 03:30"], []),
    "2s-over-the-nag": (NAG, "2026-03-10T08:59:59", "2026-03-10T09:00:01", ["03-10 09:00"], []),
    "2s-over-midnight": (MINUTE, "2026-03-10T23:59:59", "2026-03-11T00:00:01", ["03-11 00:00"], []),
    "10min-of-minutes": (MINUTE, "2026-03-10T09:30:00", "2026-03-10T09:40:00", ["03-10 09:40"], []),
    "10min-of-half-hours": (HALF_HOUR, "2026-03-10T09:25:00", "2026-03-10T09:35:00", ["03-10 09:35"], []),
    "10min-over-the-night-run": (NIGHT, "2026-03-10T03:25:00", "2026-03-10T03:35:00", ["03-10 03:30"], []),
    "10min-over-the-nag": (NAG, "2026-03-10T08:55:00", "2026-03-10T09:05:00", ["03-10 09:00"], []),
    "26h-of-minutes": (MINUTE, "2026-03-10T09:30:00", "2026-03-11T11:30:00", ["03-11 11:30"], []),
    "26h-with-one-night": (NIGHT, "2026-03-10T09:30:00", "2026-03-11T11:30:00", ["03-11 03:30"], []),
    "26h-with-two-nights": (NIGHT, "2026-03-10T03:00:00", "2026-03-11T05:00:00", ["03-10 03:30", "03-11 03:30"], []),
    "26h-with-two-nags": (NAG, "2026-03-10T08:00:00", "2026-03-11T10:00:00", ["03-11 09:00"], ["2026-03-10"]),
    "month-end": (MONTH_END, "2026-01-31T23:00:00", "2026-02-01T00:10:00", ["01-31 23:50"], []),
    "month-end-of-february": (MONTH_END, "2026-02-28T23:49:00", "2026-03-01T08:00:00", ["02-28 23:50"], []),
    "month-end-of-a-leap-year": (
        MONTH_END,
        "2028-02-28T23:00:00",
        "2028-03-01T00:00:00",
        ["02-28 23:50", "02-29 23:50"],
        [],
    ),
    "month-end-of-minutes": (MINUTE, "2026-04-30T23:59:00", "2026-05-01T06:00:00", ["05-01 06:00"], []),
    "year-end": (NIGHT, "2026-12-31T02:00:00", "2027-01-01T04:00:00", ["12-31 03:30", "01-01 03:30"], []),
    "nine-days-over-the-year-end": (
        MONTH_END,
        "2026-12-27T12:00:00",
        "2027-01-05T12:00:00",
        ["01-01 23:50", "01-02 23:50", "01-03 23:50", "01-04 23:50"],
        ["2026-12-27", "2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31"],
    ),
}


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("name", MISSES, ids=lambda name: f"F36-{name}")
def test_f36_what_was_missed_is_run_once_or_put_down_as_skipped(database: Database, name: str) -> None:
    like, last, next_, expected, skipped = MISSES[name]
    runs: list[datetime] = []
    task = Task(like.name, lambda _, now: runs.append(now) or "", every=like.every, at=like.at, catch_up=like.catch_up)
    services = Services(database, FixedClock(at(last)))
    Runner(services, (task,)).run_due(at(last).replace(hour=23, minute=59, second=59) - timedelta(days=1))
    Runner(services, (task,)).run_due(at(last))
    runs.clear()
    # Two come back at once, and look twice.
    back = [Runner(services, (task,)) for _ in range(2)]
    for runner in back + back:
        runner.run_due(at(next_))
    assert [f"{run:%m-%d %H:%M}" for run in runs] == expected
    with database.reading() as session:
        rows = session.execute(sa.select(JobRun.period, JobRun.outcome).order_by(JobRun.period)).all()
    assert [row.period for row in rows if row.outcome.startswith("skipped: ")] == skipped


def test_f36_a_year_of_silence_is_put_down_for_a_month_at_most(database: Database) -> None:
    services = Services(database, FixedClock(at("2026-03-10T10:00:00")))
    runner = Runner(services, (NAG,))
    runner.run_due(at("2026-03-10T10:00:00"))
    runner.run_due(at("2027-03-10T10:00:00"))
    with database.reading() as session:
        skipped = sa.select(sa.func.count()).where(JobRun.outcome.startswith("skipped: "))
        assert session.scalar(skipped) == 31
