import signal
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

import models.tables
from bot.clock import FixedClock
from bot.config import load_settings
from bot.services import Services
from models.db import Database
from models.job_runs import JobRun
from models.messaging import outbox
from models.messaging.tables import Outbox
from scheduler.__main__ import serve
from scheduler.timetable import TIMETABLE
from tests.support.fake_wechat import FakeWeChat
from tests.support.words import NEWS, small_kinds, small_renderer

__all__ = ["small_kinds"]

ROOT = Path(__file__).parents[2]


@pytest.mark.usefixtures("small_kinds")
def test_one_process_sends_what_is_promised_and_runs_the_timetable(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    wechat, sent = FakeWeChat(), threading.Event()
    wechat.during = sent.set
    settings = load_settings({"DATA_DIR": str(tmp_path / "data"), "SIMULATOR": "1", "SEND_IN_FLIGHT": "2"})
    services = Services(settings, FixedClock(now))
    services.__dict__.update(
        database=database, wechat=wechat, renderer=small_renderer(tmp_path / "templates"), redis=None
    )
    with database.transaction() as session:
        data = {"order": 1024, "problem": "漏水"}
        outbox.put(session, account="gh_1", openid="chen", kind=NEWS.name, data=data, dedupe_key="1", now=now)

    serve(services, sent.is_set)

    with database.reading() as session:
        assert session.scalars(sa.select(Outbox.state)).all() == ["sent"]
        assert set(session.scalars(sa.select(JobRun.task))) <= {task.name for task in TIMETABLE}
    assert [openid for openid, *_ in wechat.templates] == ["chen"]


def test_a_process_that_is_told_to_end_ends_cleanly(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'linli.db'}")
    models.tables.metadata.create_all(database.engine)
    database.close()
    said = []
    with subprocess.Popen(
        [sys.executable, "-m", "scheduler"],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path), "SIMULATOR": "1", "LOG_LEVEL": "INFO"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        patience = threading.Timer(20, process.kill)
        patience.start()
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if "scheduler started" in line:
                process.send_signal(signal.SIGTERM)
        patience.cancel()
    assert process.returncode == 0
    assert "scheduler ended" in said[-1]
    assert not any("Traceback" in line or "failed" in line for line in said)
    database = Database(f"sqlite:///{tmp_path / 'linli.db'}")
    with database.reading() as session:
        runs = session.execute(sa.select(JobRun.task, JobRun.outcome)).all()
    database.close()
    assert all(outcome and not outcome.startswith("failed") for _, outcome in runs)


def test_a_bad_setting_stops_the_start_in_one_line(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "scheduler"],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path), "SEND_IN_FLIGHT": "many"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("setting: SEND_IN_FLIGHT")
    assert ended.stderr.count("\n") == 1
