"""Very many rows at once, past the session's memory of objects: what a whole ledger needs."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Base

_AT_ONCE = 2_000  # rows of one statement


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
