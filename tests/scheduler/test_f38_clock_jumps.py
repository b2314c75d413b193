"""F38: the machine's clock jumps. No period is run twice, nothing comes in storms, and nothing stands still for longer than
the clock was wrong."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest

from bot.clock import SHANGHAI, FixedClock
from models.db import Database
from scheduler import bell
from scheduler.periods import Task
from scheduler.runner import Runner

pytestmark = pytest.mark.thorough

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THE_YEAR_1970 = datetime(1970, 1, 1, 8, 0, 7, tzinfo=SHANGHAI) - NOW


@dataclass
class Services:
    database: Database
    clock: FixedClock


# name → (where the clock stands, in steps from NOW; how often each task is run in all: half-hourly, nightly)
# The program has been at work since the day before.
JUMPS: dict[str, tuple[list[timedelta], int, int]] = {
    "an-hour-on": ([0 * HOUR, HOUR], 2, 1),
    "an-hour-on-and-right-again": ([0 * HOUR, HOUR, 0 * HOUR, HOUR / 2, HOUR, 3 * HOUR / 2], 4, 1),
    "an-hour-back": ([0 * HOUR, -HOUR, -HOUR / 2, 0 * HOUR, HOUR / 2], 4, 1),
    "a-day-on": ([0 * DAY, DAY], 2, 2),
    "a-day-on-and-right-again": ([0 * DAY, DAY, 0 * DAY, HOUR, DAY, DAY + HOUR], 4, 2),
    "a-day-back-and-right-again": ([0 * DAY, -DAY, 0 * DAY, HOUR], 2, 1),
    "ten-years-on-and-right-again": ([0 * DAY, 3650 * DAY, 0 * DAY, HOUR, DAY], 4, 6),
    "1970-and-right-again": ([0 * DAY, THE_YEAR_1970, THE_YEAR_1970 + HOUR, 0 * DAY, HOUR], 2, 1),
    "restarted-in-1970": ([THE_YEAR_1970, 0 * DAY, HOUR], 2, 1),
    "back-and-forth-for-hours": ([number % 2 * HOUR for number in range(12)], 2, 1),
}


def tasks(runs: list[tuple[str, datetime]]) -> tuple[Task, Task]:
    def noting(name: str) -> Task:
        every, at = (timedelta(minutes=30), None) if name == "half-hourly" else (None, time(3, 30))
        return Task(name, lambda _, now: runs.append((name, now)) or "", every=every, at=at, catch_up=3 if at else 0)

    return noting("half-hourly"), noting("nightly")


@pytest.mark.parametrize("restarts", [False, True], ids=["", "restarting"])
@pytest.mark.parametrize("name", JUMPS, ids=lambda name: f"F38-{name}")
def test_f38_a_clock_that_jumps_runs_nothing_twice_and_stops_nothing(
    database: Database, name: str, restarts: bool
) -> None:
    steps, half_hours, nights = JUMPS[name]
    runs: list[tuple[str, datetime]] = []
    services = Services(database, FixedClock(NOW))
    runner = Runner(services, tasks(runs))
    runner.run_due(NOW - DAY)
    runs.clear()
    for step in steps:
        for _ in range(3):  # no busy loop: looking again changes nothing
            runner = Runner(services, tasks(runs)) if restarts else runner
            runner.run_due(NOW + step)
    counted = {task: sum(ran == task for ran, _ in runs) for task in ("half-hourly", "nightly")}
    assert counted == {"half-hourly": half_hours, "nightly": nights}


def test_f38_a_first_start_in_1970_is_no_storm_when_the_clock_is_right(database: Database) -> None:
    runs: list[tuple[str, datetime]] = []
    runner = Runner(Services(database, FixedClock(NOW)), tasks(runs))
    for step in (THE_YEAR_1970, 0 * DAY):
        runner.run_due(NOW + step)
    assert len([ran for ran, now in runs if now.year == 2026 and ran == "nightly"]) == 4  # as many as are made up for
    assert len([ran for ran, now in runs if now.year == 2026 and ran == "half-hourly"]) == 1


def test_f38_the_loop_does_not_depend_on_the_clock_that_jumped() -> None:
    assert bell.LONGEST_SILENCE <= 60
