"""A hundred thousand homes with their owners, taken in as an upload is: by a process of its own, in little memory."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.db import Database
from models.estate.tables import Home
from models.imports import actions
from models.imports.actions import agree, want_undone
from models.people.tables import Person, Resident
from tests.support.imports import long_ledger, open_company, the_import, upload

ROOT = Path(__file__).resolve().parents[2]
ROWS = 100_000
MEMORY = 200  # MB at the most, of the whole process
SECONDS = 60  # of work, however busy the machine is otherwise

_ITSELF = """
import resource, runpy
runpy.run_module("scheduler.importer", run_name="__main__")
used = resource.getrusage(resource.RUSAGE_SELF)
most = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(used.ru_utime + used.ru_stime, most)
"""


def importer_on(database: Database, data_dir: Path) -> tuple[float, float]:
    """Run the importer as the scheduler does; (seconds of work, most MB it ever held)."""
    environment = {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "LOG_LEVEL": "ERROR",
    }
    # What the kernel remembers as a child's largest size begins with that of who started it; its own is asked of itself.
    process = subprocess.run(
        [sys.executable, "-c", _ITSELF], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    seconds, most = process.stdout.split()[-2:]
    return float(seconds), float(most) / 1024


def count(database: Database) -> list[int | None]:
    with database.reading() as session:
        return [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Home, Person, Resident)]


@pytest.mark.long
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_hundred_thousand_rows(
    database: Database, tmp_path: Path, now: datetime, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    open_company(database, now)
    number = upload(database, tmp_path / "imports", long_ledger(tmp_path / f"全部.{ending}", ROWS), now)

    seconds, memory = importer_on(database, tmp_path)
    assert the_import(database, number).state == "ready"
    assert memory < MEMORY
    with database.transaction() as session:
        agree(session, number, by="staff:1", by_name="赵经理")

    more, memory = importer_on(database, tmp_path)
    assert count(database) == [ROWS, ROWS, ROWS]
    print(
        f"\n{database.engine.dialect.name} {ending}: read {seconds:.0f} s, read and written {more:.0f} s, {memory:.0f} MB"
    )
    assert memory < MEMORY
    assert seconds + more < SECONDS

    with database.transaction() as session:
        want_undone(session, session.get_one(actions.Import, number), by="staff:1", now=now)
    undone, memory = importer_on(database, tmp_path)
    print(f"taken back {undone:.0f} s, {memory:.0f} MB")
    assert count(database) == [0, 0, 0]
    assert memory < MEMORY
