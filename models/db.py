"""The one way to the database: one `transaction()` for entry points, sessions for everybody else, on SQLite and PostgreSQL alike."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from itertools import chain, islice
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached
from sqlalchemy.orm import sessionmaker as make_sessions
from sqlalchemy.orm.attributes import set_committed_value

SHANGHAI = ZoneInfo("Asia/Shanghai")

# How long a statement waits for somebody else's lock. WeChat gives up after five seconds, so a turn must not wait that long.
LOCK_WAIT_MS = 4_000

# How soon a line to PostgreSQL that leads nowhere any more is given up, instead of after the many minutes TCP itself takes.
_LINE = {
    "connect_timeout": 3,  # seconds
    "keepalives_idle": 5,  # seconds without a word before the first probe
    "keepalives_interval": 2,  # seconds
    "keepalives_count": 3,  # probes
    "tcp_user_timeout": 10_000,  # ms that something sent may stay unacknowledged
}

# Seconds without work after which a connection to a server is asked whether it is still there.
ASK_AFTER_IDLE = 5.0
_AT_ONCE = 2_000  # rows of one statement where there are very many


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
        self._turnstile: AbstractContextManager[None] = Turnstile() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Everything written inside becomes true together, or none of it. For entry points only: actions are handed the session."""
        with self._turnstile, self._write() as session:
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


class Turnstile:
    """SQLite has one writer at a time, and who waits for it asks again and again with growing pauses. Threads of one process
    queue here instead, so that the next one goes the moment the last one is through."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = threading.local()

    def __enter__(self) -> None:
        # Whoever waits longer than for any lock goes on all the same, and hears from SQLite that it is busy.
        self._held.it = self._lock.acquire(timeout=LOCK_WAIT_MS / 1000)

    def __exit__(self, *_: object) -> None:
        if self._held.it:
            self._lock.release()


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
    return session.execute(_ignoring(table, _is_sqlite(session)), values).first() is not None


def insert_at_once(session: Session, row: Base) -> None:
    """Write a new object down now, by a statement built once, and give it its number; the session knows it from then on.

    What `session.add` and a flush do in twice the time. Attributes that were not given get the defaults of their columns.
    """
    kind = type(row)
    known = row.__dict__
    values = {
        name: known[name] if name in known else default(None) if callable(default) else default
        for name, default in _defaults(kind)
    }
    (number,) = session.execute(_numbered(kind), values).one()
    for name, value in values.items():
        set_committed_value(row, name, value)
    set_committed_value(row, plain(kind).primary_key.columns[0].name, number)
    make_transient_to_detached(row)
    session.add(row)


@cache
def _numbered(table: type[Base]) -> sa.Insert:
    return sa.insert(plain(table)).returning(*plain(table).primary_key)


@cache
def _defaults(table: type[Base]) -> tuple[tuple[str, Any], ...]:
    """Every column but the number, with what it gets when nothing is said: a value, or a function of SQLAlchemy's context."""
    return tuple(
        (column.name, getattr(column.default, "arg", None)) for column in plain(table).columns if not column.primary_key
    )


def plain(table: type[Base]) -> sa.Table:
    """The table behind a class, for statements that are built once and move values, not objects: they take a fraction of the time."""
    return cast(sa.Table, table.__table__)


@cache
def _ignoring(table: type[Base], on_sqlite: bool) -> sa.Insert:
    """Built once for each table: putting a statement together takes longer than running it."""
    insert = sqlite.insert if on_sqlite else postgresql.insert
    return insert(plain(table)).on_conflict_do_nothing().returning(*sa.inspect(table).primary_key)


def insert_many(session: Session, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Insert very many rows, past the session's memory of objects and without a statement for each.

    All rows name the same columns; a default of Python's is not filled in.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    connection = session.connection()
    target = cast(sa.Table, table.__table__)
    names = list(first)
    prepare = [_preparation(target.c[name].type, connection.dialect) for name in names]
    values = (
        tuple(make(row[name]) for make, name in zip(prepare, names, strict=True)) for row in chain((first,), rows)
    )
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in names)
    if connection.dialect.name == "postgresql":
        with (
            _driver(connection).cursor() as cursor,
            cursor.copy(f"COPY {quote(target.name)} ({columns}) FROM STDIN") as copy,
        ):
            for value in values:
                copy.write_row(value)
        return
    places = ", ".join("?" * len(names))
    statement = f"INSERT INTO {quote(target.name)} ({columns}) VALUES ({places})"  # noqa: S608 (names of our own tables)
    while bunch := list(islice(values, _AT_ONCE)):
        connection.exec_driver_sql(statement, bunch)


def _preparation(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Callable[[Any], Any]:
    """How a value of this type is handed to the driver; the same value twice running is prepared once."""
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return lambda value: value
    last: list[Any] = [None, process(None)]

    def prepare(value: Any) -> Any:
        if value is not last[0]:
            last[:] = [value, process(value)]
        return last[1]

    return prepare


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


def update_many(session: Session, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Update rows by their `id`, a bunch at a time; all rows name the same columns."""
    target = cast(sa.Table, table.__table__)
    for bunch in _bunches(rows):
        changed: dict[str, Any] = {name: sa.bindparam(name) for name in bunch[0] if name != "id"}
        statement = sa.update(target).where(target.c.id == sa.bindparam("id_")).values(**changed)
        session.connection().execute(
            statement, [{"id_": row["id"], **{name: row[name] for name in changed}} for row in bunch]
        )


def _bunches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rows = iter(rows)
    while bunch := list(islice(rows, _AT_ONCE)):
        yield bunch


def insert_each_or_ignore(session: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert each row that is not there yet, many at once. Waits for whoever is just inserting the same."""
    insert = sqlite.insert if _is_sqlite(session) else postgresql.insert
    session.connection().execute(insert(table.__table__).on_conflict_do_nothing(), rows)  # type: ignore[arg-type]


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
    engine = sa.create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        connect_args={"options": f"-c lock_timeout={LOCK_WAIT_MS} -c timezone=UTC", **_LINE},
    )
    event.listen(engine, "checkin", lambda connection, record: record.info.update(idle_since=time.monotonic()))
    event.listen(engine, "checkout", lambda connection, record, _: _ask_if_alive(engine, connection, record.info))
    return engine


def _ask_if_alive(engine: sa.Engine, connection: Any, known: dict[Any, Any]) -> None:
    """A connection that nobody used for a while may have been cut meanwhile. To ask at every turn would be a round trip more;
    of one that was cut a moment ago its user hears."""
    if time.monotonic() - known.get("idle_since", time.monotonic()) < ASK_AFTER_IDLE:
        return
    try:
        engine.dialect.do_ping(connection)
    except Exception as cut:
        raise sa.exc.DisconnectionError from cut


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
