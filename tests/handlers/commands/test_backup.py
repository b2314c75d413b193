"""`backup` and `restore`: everything, from one instant, on either database, and never over something else."""

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

import models.tables
from bot.config import Settings
from handlers.commands import backup
from models import migrations
from models.db import Database
from models.estate.tables import Community, Company
from models.migrations import newest
from models.people.tables import Person
from models.workorders.tables import WorkOrder
from tests.handlers.commands.conftest import Run, app_on, runner_of
from tests.handlers.commands.test_demo import rows
from tests.support.databases import drop_postgresql, postgresql_server

pytestmark = pytest.mark.thorough


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty place: a database without a single table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'target.db'}")
        yield database
        database.close()
        return
    name = f"target_{abs(hash(tmp_path))}"
    with psycopg.connect(postgresql_server(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    database = Database(postgresql_server().replace("/postgres?", f"/{name}?"))
    yield database
    database.close()
    drop_postgresql(name)


@pytest.fixture
def restore(target: Database, settings: Settings, now: datetime) -> Run:
    run = runner_of(app_on(target, settings, now))
    return lambda file: run("restore", str(file))


@pytest.fixture
def demo_backup(run_on_demo: Run, tmp_path: Path) -> Path:
    file = tmp_path / "linli.backup"
    result = run_on_demo("backup", str(file))
    assert result.exit_code == 0, result.stderr
    return file


def test_a_restored_database_holds_the_same_rows_whatever_the_databases(
    demo_backup: Path, restore: Run, demo_database: Database, target: Database, settings: Settings, now: datetime
) -> None:
    result = restore(demo_backup)
    assert result.exit_code == 0, result.stderr
    assert rows(target) == rows(demo_database)
    assert runner_of(app_on(target, settings, now))("audit").exit_code == 0


def test_life_goes_on_after_a_restore(small_backup: Path, restore: Run, target: Database, now: datetime) -> None:
    restore(small_backup)
    with target.transaction() as session:
        highest = session.scalar(sa.select(sa.func.max(Person.id)))
        person = Person(company_id=1, name="新人", created_at=now)
        session.add(person)
        session.flush()
        assert highest is not None
        assert person.id == highest + 1


def test_only_its_owner_may_read_a_backup(small_backup: Path) -> None:
    assert small_backup.stat().st_mode & 0o077 == 0


def test_nothing_is_restored_over_anything(small_backup: Path, restore: Run, target: Database, now: datetime) -> None:
    migrations.upgrade(target.engine)
    with target.transaction() as session:
        session.add(Company(name="别的物业", hotline="", created_at=now))
    result = restore(small_backup)
    assert result.exit_code == 1
    assert "the database is not empty" in result.stderr
    with target.reading() as session:
        assert session.scalars(sa.select(Company.name)).all() == ["别的物业"]


@pytest.fixture
def small(sqlite_template: Path, settings: Settings, now: datetime, tmp_path: Path) -> Iterator[tuple[Run, Database]]:
    """Commands on a database with three people in it."""
    (tmp_path / "small.db").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{tmp_path / 'small.db'}")
    with database.transaction() as session:
        session.add(Company(id=1, name="安居物业", hotline="", created_at=now))
        session.flush()
        session.add_all(Person(company_id=1, name=name, created_at=now) for name in ("张伟", "李娜", "王强"))
        session.add(Community(id=1, company_id=1, name="锦绣花园", created_at=now))
        session.flush()
        for number in (1, 2):
            session.add(
                WorkOrder(
                    id=number, company_id=1, community_id=1, category="水", trade="水工", priority="P2", problem="漏水",
                    state="NEW", source="chat", created_at=now, moved_at=now,
                )
            )  # fmt: skip
        session.flush()
        session.execute(sa.update(WorkOrder).where(WorkOrder.id == 1).values(merged_into=2))
    yield runner_of(app_on(database, settings, now)), database
    database.close()


@pytest.fixture
def small_backup(small: tuple[Run, Database], tmp_path: Path) -> Path:
    file = tmp_path / "small.backup"
    assert small[0]("backup", str(file)).exit_code == 0
    return file


@pytest.fixture
def empty_run(settings: Settings, now: datetime, tmp_path: Path) -> Iterator[tuple[Run, Database]]:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    yield runner_of(app_on(database, settings, now)), database
    database.close()


def rewritten(file: Path, change: Any) -> Path:
    with gzip.open(file, "rt") as lines:
        content = lines.read().splitlines()
    changed = file.with_name("changed.backup")
    with gzip.open(changed, "wt") as lines:
        lines.write("\n".join(change(content)) + "\n")
    return changed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:-1], "its end is missing"),
        (lambda lines: lines[:4], "its end is missing"),
        (
            lambda lines: [line for line in lines if '"table": "companies"' not in line],
            "rows that do not fit the table",
        ),
        (lambda lines: [*lines[:-2], lines[-1]], "its end is missing or does not agree"),
        (lambda lines: [line.replace('"张伟"', "null") for line in lines], "rows that do not fit the table people"),
        (lambda lines: [lines[0], lines[1], "[1,", *lines[2:]], "a line cannot be read"),
        (lambda lines: ['{"some": "json"}'], "was not written by `backup`"),
        (lambda lines: [lines[0].replace(newest(), "9999_future"), *lines[1:]], "is from a newer Linli"),
        (lambda lines: [lines[0], '{"table": "secrets", "columns": []}', *lines[1:]], "a table nobody knows: secrets"),
    ],
)
def test_what_is_not_a_whole_backup_is_refused_and_nothing_is_kept(
    small_backup: Path, empty_run: tuple[Run, Database], change: Any, said: str
) -> None:
    run, target = empty_run
    result = run("restore", str(rewritten(small_backup, change)))
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not backup._holds_rows(target.engine)


def test_a_file_cut_short_is_refused(small_backup: Path, empty_run: tuple[Run, Database]) -> None:
    run, target = empty_run
    small_backup.write_bytes(small_backup.read_bytes()[:-200])
    result = run("restore", str(small_backup))
    assert result.exit_code == 1
    assert "is not a whole backup" in result.stderr
    assert not backup._holds_rows(target.engine)


def test_rows_that_point_at_later_rows_come_back(small_backup: Path, restore: Run, target: Database) -> None:
    result = restore(small_backup)
    assert result.exit_code == 0, result.stderr
    with target.reading() as session:
        assert session.scalar(sa.select(WorkOrder.merged_into).where(WorkOrder.id == 1)) == 2


def test_it_shows_one_instant_while_others_write(
    run: Run, database: Database, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the backup is between two tables, somebody adds a company and a person in it: both or neither may be in it."""
    write = backup.json.dumps

    def add() -> None:
        with database.transaction() as session:
            company = Company(name="晚来的", hotline="", created_at=now)
            session.add(company)
            session.flush()
            session.add(Person(company_id=company.id, name="晚来的人", created_at=now))

    def interrupted(value: Any, **how: Any) -> str:
        if isinstance(value, dict) and value.get("table") == "people":
            thread = threading.Thread(target=add)
            thread.start()
            thread.join()
        return write(value, **how)

    monkeypatch.setattr(backup.json, "dumps", interrupted)
    assert run("backup", str(tmp_path / "b")).exit_code == 0
    monkeypatch.undo()
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1
    with gzip.open(tmp_path / "b", "rt") as lines:
        end = json.loads(lines.read().splitlines()[-1])["end"]
    assert (end["companies"], end["people"]) == (0, 0)
    assert set(end) == set(models.tables.metadata.tables)


def test_a_place_that_cannot_be_written_is_one_clear_line(run_on_demo: Run, tmp_path: Path) -> None:
    result = run_on_demo("backup", str(tmp_path / "nowhere" / "b"))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
