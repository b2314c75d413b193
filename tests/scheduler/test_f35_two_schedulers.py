"""F35: two schedulers and more, started in the same second, one of them asleep for a while: each period is run once."""

import threading
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from time import monotonic

import pytest
import sqlalchemy as sa

from bot.clock import FixedClock
from models.db import Database
from models.job_runs import JobRun
from scheduler.periods import Task
from scheduler.runner import Runner
from tests.support.processes import Child, Children
from tests.support.schedulers import TASK, run_periods
from tests.support.senders import morning_clock

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PERIODS = 200

KINDS = {
    "each_second": (Task("tick", lambda *_: "", every=SECOND), SECOND),
    "each_minute": (Task("tick", lambda *_: "", every=MINUTE), MINUTE),
    "each_half_hour": (Task("tick", lambda *_: "", every=30 * MINUTE), 30 * MINUTE),
    "daily": (Task("tick", lambda *_: "", at=time(9, 30), catch_up=3), DAY),
    "daily_not_made_up_for": (Task("tick", lambda *_: "", at=time(9, 30)), DAY),
}


@dataclass
class Services:
    database: Database
    clock: FixedClock


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("schedulers", [2, 3, 4, 6])
def test_f35_started_in_the_same_second_on_an_empty_database(
    database: Database, now: datetime, schedulers: int, kind: str
) -> None:
    task, step = KINDS[kind]
    runs: list[datetime] = []
    noting = Task(task.name, lambda _, at: runs.append(at) or "", every=task.every, at=task.at, catch_up=task.catch_up)
    together = threading.Barrier(schedulers)

    def scheduler() -> None:
        runner = Runner(Services(database, FixedClock(now)), (noting,))
        for number in range(3):
            together.wait(timeout=20)
            runner.run_due(now + number * step)

    threads = [threading.Thread(target=scheduler) for _ in range(schedulers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(runs) == [now, now + step, now + 2 * step]
    assert _outcomes(database) == [""] * 3


def _outcomes(database: Database) -> list[str]:
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).where(JobRun.finished_at.is_(None))) == 0
        return list(session.scalars(sa.select(JobRun.outcome)))


class Hall:
    """Scheduler processes that see one clock, moved by hand an hour at a time."""

    def __init__(self, database: Database, folder: Path, children: Children) -> None:
        self.database, self.folder, self.children = database, folder, children
        self.clock = morning_clock(folder)
        self.ran: list[str] = []

    def begin(self) -> Child:
        url = self.database.engine.url.render_as_string(hide_password=False)
        return self.children.begin(run_periods, url, str(self.folder))

    def until_looked(self, *schedulers: Child) -> None:
        """All of them are done with the hour that it is now."""
        hour, end = f"{self.clock.now():%Y-%m-%dT%H}", monotonic() + 60
        for scheduler in schedulers:
            looked = False
            while not looked:
                words = scheduler.hear(0.1)
                self.note(words)
                looked = ("looked", hour) in words
                assert monotonic() < end, "a scheduler does not look"

    def note(self, words: list[tuple[str, str]]) -> None:
        self.ran += [hour for what, hour in words if what == "ran"]

    def rows(self) -> list[JobRun]:
        with self.database.reading() as session:
            return list(session.scalars(sa.select(JobRun).where(JobRun.task == TASK)))


@pytest.mark.long
def test_two_scheduler_processes_run_two_hundred_periods_two_hundred_times(database: Database, tmp_path: Path) -> None:
    """One of them sleeps (SIGSTOP) from the sixtieth to the hundred-and-twentieth and then does nothing that was done."""
    with Children() as children:
        hall = Hall(database, tmp_path, children)
        awake, sleeper = hall.begin(), hall.begin()
        for period in range(PERIODS):
            hall.until_looked(*([awake] if 60 <= period < 120 else [awake, sleeper]))
            if period == 59:
                sleeper.freeze()
            if period < PERIODS - 1:
                hall.clock.move(HOUR)
            if period == 119:
                sleeper.thaw()
        hall.note(awake.end() + sleeper.end())
    assert len(hall.ran) == len(set(hall.ran)) == PERIODS
    assert len(hall.rows()) == PERIODS
    assert all(row.finished_at is not None for row in hall.rows())
