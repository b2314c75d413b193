"""Runs what is due, once, however many schedulers there are: whoever inserts the row (task, period) runs it."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.clock import Clock
from models import job_runs
from models.db import Database
from scheduler.periods import Period, Task, due_periods, moment_key, skipped_days

log = logging.getLogger(__name__)


class HasDatabase(Protocol):
    """What the runner itself needs of bot/services.py; each job knows what it needs besides."""

    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...


class Runner:
    """One process's view of the timetable. It remembers what it has looked at, to ask the database once a period."""

    def __init__(self, services: HasDatabase, timetable: Sequence[Task]) -> None:
        self._services = services
        self._timetable = timetable
        self._newest: dict[str, str | None] = {}

    def run_due(self, now: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
        """Run every task that is due, one after the other; returns how many runs were ours. `stopping` is asked before each."""
        ran = 0
        for task in self._timetable:
            for period in self._due(task, now):
                if stopping():
                    return ran
                ran += run_once(self._services, task, period)
                self._newest[task.name] = period.key
        return ran

    def _due(self, task: Task, now: datetime) -> list[Period]:
        known, moment = self._newest.get(task.name), moment_key(now)
        # The first look; or the clock went back, or comes back from where it was wrong.
        if task.name not in self._newest or (known is not None and known > moment):
            with self._services.database.reading() as session:
                known = self._newest[task.name] = job_runs.newest_period(session, task.name, moment)
        self._put_down(task, now, known)
        return due_periods(task, now, known)

    def _put_down(self, task: Task, now: datetime, newest: str | None) -> None:
        """A day that will not be made up for is not passed over in silence."""
        skipped = skipped_days(task, now, newest)
        if not skipped:
            return
        with self._services.database.transaction() as session:
            for day in skipped:
                if job_runs.skip(session, task.name, day, now, f"missed, made up for {task.catch_up} days at most"):
                    log.warning("a day was skipped", extra={"task": task.name, "period": day})
        self._newest[task.name] = skipped[-1]


def run_once(services: HasDatabase, task: Task, period: Period) -> bool:
    """Run one period of one task unless it has been run; True if it was run here."""
    with services.database.transaction() as session:
        if not job_runs.claim(session, task.name, period.key, services.clock.now()):
            return False
    outcome = run_now(services, task, period.now, period.key)
    with services.database.transaction() as session:
        job_runs.finish(session, task.name, period.key, services.clock.now(), outcome)
    return True


def run_now(services: HasDatabase, task: Task, now: datetime, period: str) -> str:
    """Run a task as if it were `now`; returns its outcome. A failure is logged and is an outcome, too."""
    about = {"task": task.name, "period": period}
    try:
        outcome = task.run(services, now)
    except Exception as error:
        log.exception("job failed", extra=about)
        return f"failed: {type(error).__name__}"
    log.info("job done", extra={**about, "outcome": outcome})
    return outcome
