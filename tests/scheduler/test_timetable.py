from datetime import datetime
from pathlib import Path

import pytest

import scheduler.jobs
from models.db import SHANGHAI
from scheduler.jobs.forget_old import NOTES_KEPT
from scheduler.periods import DAY, due_periods
from scheduler.timetable import TIMETABLE, task_named


def test_every_job_is_in_the_timetable_under_its_own_name() -> None:
    files = {path.stem for path in Path(scheduler.jobs.__file__).parent.glob("*.py")} - {"__init__"}
    assert {task.name for task in TIMETABLE} == files
    assert all(task.run.__module__ == f"scheduler.jobs.{task.name}" for task in TIMETABLE)
    assert len(TIMETABLE) == len(files)


def test_an_emergency_is_looked_at_often_enough_for_its_three_minutes() -> None:
    moment = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)
    [period] = due_periods(task_named("offer_to_next_worker"), moment, None)
    assert due_periods(task_named("offer_to_next_worker"), moment.replace(second=30), period.key)


def test_no_run_is_forgotten_while_it_could_still_be_made_up_for() -> None:
    assert all(task.catch_up * DAY < NOTES_KEPT for task in TIMETABLE)


def test_a_name_that_is_not_in_it_is_an_error() -> None:
    with pytest.raises(KeyError):
        task_named("unheard_of")
