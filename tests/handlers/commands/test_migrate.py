"""Migrations: the same as the tables, once, and safely by two at once; on both databases."""

import threading
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import models.tables
from handlers.commands import migrate
from models import migrations
from models.db import Database
from models.vault import Vault
from tests.handlers.commands.conftest import Run
from tests.support.databases import drop_postgresql, postgresql_server

CARD = "6222000011112222"
OF_A_LIST = ("companies", "communities", "homes", "mandates", "debit_batches", "debit_lines")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it at all."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server, name = postgresql_server(), f"empty_{tmp_path.parent.name.replace('-', '_')}_{tmp_path.name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield server.replace("/postgres?", f"/{name}?")
    drop_postgresql(name)


@pytest.fixture
def database(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.close()


def differences(engine: sa.Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, models.tables.metadata))


def test_migrations_end_where_the_tables_are(database: Database) -> None:
    migrations.upgrade(database.engine)
    assert differences(database.engine) == []
    assert migrations.version_of(database.engine) == migrations.newest()


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_bills_are_published_in_place_in_an_older_database_too(database: Database) -> None:
    """0035: Alembic compares neither the room a table leaves nor the conditions of an index."""
    migrations.upgrade(database.engine)
    with database.engine.connect() as connection:
        room = connection.scalar(sa.text("SELECT reloptions FROM pg_class WHERE relname = 'bills'"))
        indexes = connection.scalars(sa.text("SELECT indexdef FROM pg_indexes WHERE tablename = 'bills'")).all()
    assert room == ["fillfactor=50"]
    assert len(indexes) >= 6
    assert [one for one in indexes if "state" in one] == []


def test_a_forgotten_migration_would_be_seen(database: Database) -> None:
    migrations.upgrade(database.engine)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE homes DROP COLUMN floor")
    assert differences(database.engine) != []


def test_there_is_one_line_of_migrations_and_its_head_is_recorded() -> None:
    script = ScriptDirectory(str(migrations.FOLDER))
    assert script.get_heads() == [migrations.newest()]
    assert {step.revision for step in script.walk_revisions()} == migrations.versions()
    names = sorted(path.stem for path in (migrations.FOLDER / "versions").glob("*.py"))
    assert [name[:5] for name in names] == [f"{number:04}_" for number in range(1, len(names) + 1)]
    assert names[-1] == migrations.newest()
    assert [name for name in names if len(name) > 32] == [], "PostgreSQL has no room for more"


def test_account_numbers_of_an_older_database_are_sealed_on_the_way(database: Database) -> None:
    """0029: and without a key nothing is changed."""
    migrations.upgrade(database.engine, "0028_papay")
    old = sa.MetaData()
    with database.engine.begin() as connection:
        old.reflect(connection, only=list(OF_A_LIST))
        for name in OF_A_LIST:
            needed = [column for column in old.tables[name].columns if not column.nullable]
            row = {column.name: _anything(column) for column in needed}
            if name == "mandates":
                row |= {"account": CARD, "until_day": None}
            connection.execute(sa.insert(old.tables[name]).values(row))
    with pytest.raises(RuntimeError, match="need a key"):
        migrations.upgrade(database.engine)
    assert migrations.version_of(database.engine) == "0028_papay"
    vault = Vault(["a secret of the tests"])
    migrations.upgrade(database.engine, seal=vault.seal)
    with database.engine.connect() as connection:
        (row,) = connection.execute(sa.text("SELECT sealed, tail FROM mandates")).all()
    assert (vault.open(row.sealed), row.tail) == (CARD, "2222")
    database.close()
    if database.is_sqlite:
        assert CARD.encode() not in Path(database.engine.url.database or "").read_bytes()


def _anything(column: sa.Column[Any]) -> object:
    kind = column.type.python_type
    return {str: "x", int: 1, bool: False, date: date(2026, 1, 1), datetime: datetime(2026, 1, 1)}.get(kind, "{}")


def test_the_second_time_nothing_changes_and_it_says_so(run: Run) -> None:
    assert "empty → " in run("migrate").stdout
    again = run("migrate")
    assert again.exit_code == 0
    assert again.stdout == f"database: {migrations.newest()}\n"


def test_two_that_start_at_once_both_succeed(empty_url: str) -> None:
    together = threading.Barrier(2)
    failures: list[BaseException] = []

    def start() -> None:
        database = Database(empty_url)
        try:
            together.wait()
            migrations.upgrade(database.engine)
        except BaseException as failure:
            failures.append(failure)
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    database = Database(empty_url)
    assert differences(database.engine) == []
    database.close()


def test_a_migration_waits_for_tables_in_use_but_not_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[str] = []

    def look(config: Config, to: str) -> None:
        ask = "PRAGMA busy_timeout" if database.is_sqlite else "SHOW lock_timeout"
        limits.append(str(config.attributes["connection"].exec_driver_sql(ask).scalar_one()))

    monkeypatch.setattr(command, "upgrade", look)
    migrations.upgrade(database.engine)
    assert limits == ["4000" if database.is_sqlite else "4s"]


def test_a_database_that_cannot_be_reached_is_one_clear_line(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "TRIES", 2)
    monkeypatch.setattr(migrate, "PAUSE", 0)

    def unreachable(engine: sa.Engine, **_: object) -> None:
        raise sa.exc.OperationalError("", {}, Exception("connection refused\nIs the server running?"))

    monkeypatch.setattr(migrations, "upgrade", unreachable)
    result = run("migrate")
    assert result.exit_code == 1
    assert result.stderr == "Error: the database is busy or cannot be reached: connection refused\n"
