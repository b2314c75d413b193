"""Runs what is due, once, however many schedulers there are: whoever inserts the row (task, period) runs it."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.clock import Clock
from models import job_runs
from models.db import Database
from scheduler.periods import Period, Task, due_periods

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
        if task.name not in self._newest:
            with self._services.database.reading() as session:
                self._newest[task.name] = job_runs.newest_period(session, task.name)
        return due_periods(task, now, self._newest[task.name])


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
