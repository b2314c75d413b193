"""The one way to the database: one `transaction()` for entry points, sessions for everybody else, on SQLite and PostgreSQL alike."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm import sessionmaker as make_sessions

SHANGHAI = ZoneInfo("Asia/Shanghai")

# How long a statement waits for somebody else's lock. WeChat gives up after five seconds, so a turn must not wait that long.
LOCK_WAIT_MS = 4_000


class Moment(sa.types.TypeDecorator[datetime]):
    """A point in time: aware in Python (Asia/Shanghai), UTC in the database, the same on both databases."""

    impl = sa.DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC).astimezone(SHANGHAI) if value is not None else None


# SQLite only counts INTEGER PRIMARY KEY up by itself; PostgreSQL gets 64 bits.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Base(DeclarativeBase):
    """Every table. Names of constraints are fixed so that migrations can speak of them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (this is how SQLAlchemy reads it)
        datetime: Moment,
        dict[str, Any]: sa.JSON,
        list[Any]: sa.JSON,
    }


class Database:
    """An engine and its transactions. `after_commit` hears what was signalled in a transaction, once it is durable."""

    def __init__(self, url: str, *, after_commit: Callable[[frozenset[str]], None] = lambda signals: None) -> None:
        self.engine = _engine(url)
        self.after_commit = after_commit
        self._write = make_sessions(self.engine, expire_on_commit=False)
        self._read = make_sessions(self.engine.execution_options(reading=True), expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Everything written inside becomes true together, or none of it. For entry points only: actions are handed the session."""
        with self._write() as session:
            yield session
            session.commit()
            signals = frozenset(session.info.get("signals", ()))
        if signals:
            self.after_commit(signals)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look without a write lock. Nothing written inside survives."""
        with self._read() as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def signal(session: Session, name: str) -> None:
    """Say something to `Database.after_commit`, if and when this transaction commits."""
    session.info.setdefault("signals", set()).add(name)


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """What is written inside goes away if an exception leaves the block; what came before stays."""
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.expire_all()  # rows in memory must not remember what was undone
        raise


def insert_or_ignore(session: Session, table: type[Base], values: dict[str, Any]) -> bool:
    """Insert unless a unique key says it is already there; True if this call put it there."""
    insert = sqlite.insert if _is_sqlite(session) else postgresql.insert
    primary_key = list(sa.inspect(table).primary_key)
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(*primary_key)
    return session.execute(statement).first() is not None


def insert_all_or_ignore(session: Session, table: type[Base], rows: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """The same for many rows in one statement; the primary keys of those that this call put there."""
    if not rows:
        return set()
    insert = sqlite.insert if _is_sqlite(session) else postgresql.insert
    primary_key = list(sa.inspect(table).primary_key)
    statement = insert(table).values(rows).on_conflict_do_nothing().returning(*primary_key)
    return {tuple(row) for row in session.execute(statement)}


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _engine(url: str) -> sa.Engine:
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if url.startswith("sqlite"):
        engine = sa.create_engine(url, connect_args={"timeout": LOCK_WAIT_MS / 1000, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sa.create_engine(
        url,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        connect_args={"options": f"-c lock_timeout={LOCK_WAIT_MS} -c timezone=UTC"},
    )


def _prepare_sqlite(connection: Any, record: object) -> None:
    # The driver's own idea of transactions would begin them too late; `_begin_sqlite` begins them ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={LOCK_WAIT_MS}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A deferred transaction that reads first and writes later fails at once with "database is locked", whatever the
    # timeout says; taking the write lock at the start is what makes waiting possible and lost updates impossible.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
