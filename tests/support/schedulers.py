"""A scheduler process with one task, which looks at its clock without pause."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot.clock import CLOCK_FILE, SharedClock
from models.db import Database
from scheduler.__main__ import Ending
from scheduler.periods import Task
from scheduler.runner import Runner

TASK = "hourly"


def run_periods(say: Callable[[Any], None], database_url: str, data_dir: str) -> None:
    """Until SIGTERM: run the task whenever it is due and say ("ran", hour); ("looked", hour) once that is done with."""

    def run(services: Any, now: datetime) -> str:
        say(("ran", f"{now:%Y-%m-%dT%H}"))
        return "done"

    ending = Ending()
    services = SimpleNamespace(database=Database(database_url), clock=SharedClock(Path(data_dir) / CLOCK_FILE))
    runner = Runner(services, (Task(TASK, run, every=timedelta(hours=1)),))
    looked = ""
    while not ending():
        now = services.clock.now()
        runner.run_due(now, ending)
        hour = f"{now:%Y-%m-%dT%H}"
        if hour != looked:
            looked = hour
            say(("looked", hour))
        time.sleep(0.001)
