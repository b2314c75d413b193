import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa

from bot.clock import FixedClock
from models import job_runs
from models.db import Database
from models.job_runs import JobRun
from scheduler.periods import Period, Task
from scheduler.runner import Runner, run_now, run_once

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass
class World:
    database: Database
    clock: FixedClock


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    return World(database, FixedClock(now))


def noting(runs: list[datetime], outcome: str = "done") -> Callable[[World, datetime], str]:
    def run(services: World, now: datetime) -> str:
        runs.append(now)
        return outcome

    return run


def rows(world: World) -> list[JobRun]:
    with world.database.reading() as session:
        return list(session.scalars(sa.select(JobRun).order_by(JobRun.task, JobRun.period)))


def two_runners_step_through(world: World, task: Task, periods: int) -> None:
    """Two schedulers see every period begin at the same moment."""
    step, start = threading.Barrier(2), world.clock.now()

    def scheduler() -> None:
        runner = Runner(world, (task,))
        for number in range(periods):
            step.wait()
            runner.run_due(start + number * MINUTE)

    threads = [threading.Thread(target=scheduler) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_schedulers_run_fifty_periods_fifty_times(world: World) -> None:
    runs: list[datetime] = []
    two_runners_step_through(world, Task("tick", noting(runs), every=MINUTE), 50)
    assert len(runs) == len(set(runs)) == 50
    assert len(rows(world)) == 50


def test_without_the_claim_they_would_run_a_hundred_times(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_runs, "claim", lambda *_: True)
    runs: list[datetime] = []
    two_runners_step_through(world, Task("tick", noting(runs), every=MINUTE), 50)
    assert len(runs) == 100


def test_a_run_leaves_a_row_with_its_outcome(world: World) -> None:
    Runner(world, (Task("tick", noting([], "3 sent"), every=MINUTE),)).run_due(world.clock.now())
    [row] = rows(world)
    assert (row.task, row.period, row.outcome) == ("tick", "2026-03-10T09:30:00", "3 sent")
    assert row.finished_at == world.clock.now()


def test_a_restart_does_not_run_the_same_period_again(world: World) -> None:
    runs: list[datetime] = []
    task = Task("tick", noting(runs), every=MINUTE)
    assert Runner(world, (task,)).run_due(world.clock.now()) == 1
    assert Runner(world, (task,)).run_due(world.clock.now()) == 0
    assert len(runs) == 1


def test_days_missed_while_down_are_run_once_each_after_a_restart(world: World) -> None:
    runs: list[datetime] = []
    task = Task("nightly", noting(runs), at=time(3, 30), catch_up=7)
    Runner(world, (task,)).run_due(world.clock.now())
    world.clock.move(3 * DAY)
    restarted = Runner(world, (task,))
    assert restarted.run_due(world.clock.now()) == 3
    assert restarted.run_due(world.clock.now()) == 0
    assert [f"{run:%m-%d %H:%M}" for run in runs] == ["03-10 03:30", "03-11 03:30", "03-12 03:30", "03-13 03:30"]


def test_one_failing_task_does_not_stop_the_others(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def broken(services: World, now: datetime) -> str:
        raise ZeroDivisionError

    runs: list[datetime] = []
    tasks = (Task("broken", broken, every=MINUTE), Task("sound", noting(runs), every=MINUTE))
    with caplog.at_level(logging.INFO, "scheduler.runner"):
        Runner(world, tasks).run_due(world.clock.now())
    assert [(row.task, row.outcome) for row in rows(world)] == [
        ("broken", "failed: ZeroDivisionError"),
        ("sound", "done"),
    ]
    told = [(record.message, record.task, record.period) for record in caplog.records]
    assert told == [("job failed", "broken", "2026-03-10T09:30:00"), ("job done", "sound", "2026-03-10T09:30:00")]


def test_a_failing_task_gets_its_next_period(world: World) -> None:
    answers: list[Callable[[], str]] = [lambda: str(1 // 0), lambda: "fine"]
    runner = Runner(world, (Task("moody", lambda services, now: answers.pop(0)(), every=MINUTE),))
    runner.run_due(world.clock.now())
    runner.run_due(world.clock.now() + MINUTE)
    assert [row.outcome for row in rows(world)] == ["failed: ZeroDivisionError", "fine"]


def test_no_transaction_is_open_while_a_job_runs(world: World) -> None:
    """On SQLite the job's own transaction would otherwise wait for the runner's, and fail."""

    def writes(services: World, now: datetime) -> str:
        with services.database.transaction() as session:
            return str(job_runs.claim(session, "other", "1", now))

    Runner(world, (Task("writes", writes, every=MINUTE),)).run_due(world.clock.now())
    assert [row.outcome for row in rows(world)] == ["", "True"]


def test_nothing_new_is_begun_once_the_end_is_asked_for(world: World) -> None:
    runs: list[datetime] = []
    tasks = tuple(Task(name, noting(runs), every=MINUTE) for name in ("first", "second"))
    assert Runner(world, tasks).run_due(world.clock.now(), stopping=lambda: len(runs) == 1) == 1


def test_a_clock_that_jumps_a_day_on_and_back_runs_nothing_twice(world: World) -> None:
    runs: list[datetime] = []
    runner = Runner(world, (Task("nightly", noting(runs), at=time(3, 30), catch_up=7),))
    for jump in (timedelta(), DAY, -DAY, timedelta(), DAY):
        runner.run_due(world.clock.now() + jump)
    assert len(runs) == 2


def test_who_was_asleep_between_looking_and_claiming_runs_nothing(world: World) -> None:
    runs: list[datetime] = []
    task, period = Task("tick", noting(runs), every=MINUTE), Period("2026-03-10T09:30:00", world.clock.now())
    assert run_once(world, task, period)
    assert not run_once(world, task, period)
    assert len(runs) == 1


def test_run_now_runs_whatever_was_run_before_and_leaves_no_row(world: World) -> None:
    runs: list[datetime] = []
    task = Task("tick", noting(runs), every=MINUTE)
    assert [run_now(world, task, world.clock.now(), "by hand") for _ in range(2)] == ["done", "done"]
    assert rows(world) == []
