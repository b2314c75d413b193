"""The one way to the database: one `transaction()` for entry points, sessions for everybody else, on SQLite and PostgreSQL alike."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached
from sqlalchemy.orm import sessionmaker as make_sessions

from models.engines import Turnstile, engine_of

SHANGHAI = ZoneInfo("Asia/Shanghai")


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
        self.engine = engine_of(url)
        self.after_commit = after_commit
        self._write = make_sessions(self.engine, expire_on_commit=False)
        # SQLite's begins without a write lock (engines.py), PostgreSQL's can write nothing at all.
        looking = self.engine.execution_options(reading=True, postgresql_readonly=True)
        self._read = make_sessions(looking, expire_on_commit=False)
        single = looking if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._glance = make_sessions(single, expire_on_commit=False, autoflush=False)
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
        """A look without a write lock. Nothing written inside survives; on PostgreSQL nothing can be."""
        with self._read() as session:
            yield session
            if not self.is_sqlite:
                # psycopg forgets every prepared statement of a connection that is rolled back, and a look comes before each turn.
                session.expunge_all()
                session.commit()

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """For one question on a hot path, by a statement that only reads: each sees what is true now, and on PostgreSQL there is no
        BEGIN and no COMMIT around it, a way there and back each. So nothing would take a written row back: write in a `transaction`."""
        with self._glance() as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def signal(session: Session, name: str) -> None:
    """Say something to `Database.after_commit`, if and when this transaction commits."""
    session.info.setdefault("signals", set()).add(name)


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """What is written inside goes away if an exception leaves the block; what came before stays."""
    gathered: _Gathered = session.info.get(_GATHERED, {})
    before = {key: len(rows) for key, rows in gathered.items()}
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.expire_all()  # rows in memory must not remember what was undone
        for key, rows in gathered.items():
            del rows[before.get(key, 0) :]
        raise


def insert_or_ignore(session: Session, table: type[Base], values: dict[str, Any]) -> bool:
    """Insert unless a unique key says it is already there; True if this call put it there."""
    return session.execute(_ignoring(table, _is_sqlite(session)), values).first() is not None


def insert_at_once(session: Session, row: Base) -> None:
    """Write a new object down now, by a statement built once, and give it its number; the session knows it from then on.

    What `session.add` and a flush do in twice the time. Attributes that were not given get the defaults of their columns.
    """
    _insert(session, row, _numbered(type(row)))


def insert_unless_there(session: Session, row: Base) -> bool:
    """The same, unless a unique key says that such a row is there already; waits for whoever is just writing it. True if it is new."""
    return _insert(session, row, _ignoring(type(row), _is_sqlite(session)))


def _insert(session: Session, row: Base, statement: sa.Insert) -> bool:
    kind = type(row)
    known = row.__dict__
    values = {
        name: known[name] if name in known else default(None) if callable(default) else default
        for name, default in _defaults(kind)
    }
    written = session.execute(statement, values).first()
    if written is None:
        return False
    known.update(values)  # straight into the object's memory: the next line takes all of it for what the database holds
    known[plain(kind).primary_key.columns[0].name] = written[0]
    make_transient_to_detached(row)
    key = sa.inspect(row).key
    ghost = session.identity_map.get(key) if key is not None else None
    if ghost is not None:  # of a row that went with its savepoint: the database may give its number out again
        session.expunge(ghost)
    session.add(row)
    return True


def insert_one(session: Session, table: type[Base], values: dict[str, Any]) -> int:
    """A row of which nothing is wanted but its number. `values` has every column."""
    return int(session.execute(_numbered(table), values).scalar_one())


def insert_what_is_found(session: Session, table: type[Base], found: sa.Select[Any], values: dict[str, Any]) -> None:
    """Insert what a question with these parameters finds, unless a unique key says that it is there already. `found` names its
    columns as the table does and is built once."""
    session.execute(_copying(table, found, _is_sqlite(session)), values)


@cache
def _copying(table: type[Base], found: sa.Select[Any], on_sqlite: bool) -> sa.Insert:
    insert = sqlite.insert if on_sqlite else postgresql.insert
    return insert(plain(table)).from_select(found.selected_columns.keys(), found).on_conflict_do_nothing()


def insert_few(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """A handful of rows with the same columns, in one statement that is built once for so many; nobody asks for their numbers."""
    gathered: _Gathered | None = session.info.get(_GATHERED)
    if gathered is not None:
        gathered.setdefault((table, tuple(rows[0])), []).extend(rows)
        return
    names = tuple(rows[0])
    values = {f"{name}{place}": row[name] for place, row in enumerate(rows) for name in names}
    session.execute(_several(table, names, len(rows)), values)


@contextmanager
def gathering(session: Session) -> Iterator[None]:
    """The same done to many: what `insert_few` is told inside is written where the block ends, a statement for each table.

    Nobody inside may look for such rows. Of a block that an exception leaves none is written.
    """
    gathered: _Gathered = {}
    session.info[_GATHERED] = gathered
    try:
        yield
    finally:
        del session.info[_GATHERED]
    for (table, _), rows in gathered.items():
        for at in range(0, len(rows), _IN_ONE_STATEMENT):
            insert_few(session, table, rows[at : at + _IN_ONE_STATEMENT])


_Gathered = dict[tuple[type[Base], tuple[str, ...]], list[dict[str, Any]]]
_GATHERED = "gathered"
_IN_ONE_STATEMENT = 16  # rows: each number of them is a statement of its own that stays prepared


@cache
def _several(table: type[Base], names: tuple[str, ...], count: int) -> sa.Insert:
    columns = plain(table).c
    rows = [
        sa.select(*(sa.bindparam(f"{name}{place}", type_=columns[name].type) for name in names))
        for place in range(count)
    ]
    return sa.insert(plain(table)).from_select(list(names), sa.union_all(*rows))


@cache
def _numbered(table: type[Base]) -> sa.Insert:
    return sa.insert(plain(table)).returning(*plain(table).primary_key)


@cache
def _defaults(table: type[Base]) -> tuple[tuple[str, Any], ...]:
    """Every column but a number that is counted up, with what it gets when nothing is said: a value, or a function of SQLAlchemy's context."""
    counted = plain(table).autoincrement_column
    return tuple(
        (column.name, getattr(column.default, "arg", None)) for column in plain(table).columns if column is not counted
    )


def plain(table: type[Base]) -> sa.Table:
    """The table behind a class, for statements that are built once and move values, not objects: they take a fraction of the time."""
    return cast(sa.Table, table.__table__)


@cache
def _ignoring(table: type[Base], on_sqlite: bool) -> sa.Insert:
    """Built once for each table: putting a statement together takes longer than running it."""
    insert = sqlite.insert if on_sqlite else postgresql.insert
    return insert(plain(table)).on_conflict_do_nothing().returning(*sa.inspect(table).primary_key)


def insert_each_unless_there(
    session: Session, table: type[Base], rows: Sequence[dict[str, Any]]
) -> set[tuple[Any, ...]]:
    """The same, telling which were not there yet: their primary keys. What a row does not say gets the default of its column."""
    whole = [
        {
            name: row[name] if name in row else default(None) if callable(default) else default
            for name, default in _defaults(table)
        }
        for row in rows
    ]
    written = session.connection().execute(_ignoring(table, _is_sqlite(session)), whole)
    return {tuple(key) for key in written}


def insert_each_or_ignore(session: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert each row that is not there yet, many at once. Waits for whoever is just inserting the same."""
    insert = sqlite.insert if _is_sqlite(session) else postgresql.insert
    session.connection().execute(insert(table.__table__).on_conflict_do_nothing(), rows)  # type: ignore[arg-type]


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
