from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import job_runs
from models.db import Database
from models.errors import Refusal
from models.job_runs import JobRun
from scheduler.one_by_one import one_by_one


def test_one_failure_is_undone_and_the_others_stand(
    database: Database, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    def act(session: Session, number: int) -> None:
        job_runs.claim(session, "row", str(number), now)
        if number == 2:
            raise ZeroDivisionError
        if number == 3:
            raise Refusal("还没到时间。")

    assert one_by_one(database, lambda session: [1, 2, 3, 4], act, "done") == "2 done, 1 failed"
    with database.reading() as session:
        assert list(session.scalars(sa.select(JobRun.period).order_by(JobRun.period))) == ["1", "4"]
    assert [record.number for record in caplog.records if record.levelname == "ERROR"] == [2]


def test_nothing_due_is_said_so(database: Database) -> None:
    assert one_by_one(database, lambda session: [], lambda session, number: None, "closed") == "0 closed"
