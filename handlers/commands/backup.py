"""`backup` and `restore`: the whole database as one compressed file, the same from SQLite and PostgreSQL.

A file is gzip of JSON lines: what it is and which version of the tables; then each table's name and its rows; then how many
rows of each, without which a file cut short would pass for a whole one. It holds everything people entrusted to the company:
keep it as safe as the database itself.
"""

import gzip
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

import models.tables
from bot.services import Services
from models import migrations

FORMAT = 1
_AT_ONCE = 500


class Unfit(Exception):
    """A file that is not a whole backup, in words for whoever holds it."""


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def backup(file: Path) -> None:
    """Write everything, as it is at this moment, to FILE. Nobody has to stop working meanwhile."""
    services: Services = current_app.extensions["services"]
    unfinished = file.with_name(file.name + ".part")
    try:
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            with gzip.open(raw, "wt", encoding="utf-8", compresslevel=6) as lines:
                counts = _write(services.database.engine, lines, services.clock.now())
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(file)
    except OSError as problem:
        raise click.ClickException(f"{file} cannot be written: {problem.strerror}") from None
    finally:
        with suppress(OSError):  # it is not there: written whole, or never begun
            unfinished.unlink()
    click.echo(f"{file}: {sum(counts.values())} rows of {len(counts)} tables")
    if counts["media"]:
        click.echo(f"photos and recordings are files: copy {services.settings.data_dir / 'media'} as well")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_appcontext
def restore(file: Path) -> None:
    """Bring back what `backup` wrote, into an empty database; an older backup is brought to the newest version."""
    services: Services = current_app.extensions["services"]
    engine = services.database.engine
    if _holds_rows(engine):
        raise click.ClickException(
            "the database is not empty: restore only into an empty one (set another DATABASE_URL)"
        )
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            records = _records(lines)
            head = _head(records)
            migrations.upgrade(engine, head["version"], seal=services.vault.seal)
            count = _read(engine, records)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as problem:
        raise click.ClickException(f"{file} is not a whole backup: {problem}") from None
    except Unfit as unfit:
        raise click.ClickException(f"{file} {unfit}") from None
    migrations.upgrade(engine, seal=services.vault.seal)
    click.echo(f"{file}: {count} rows restored, as of {head['at']}")


# --- writing ---------------------------------------------------------------------------------------------------------


def _write(engine: sa.Engine, lines: IO[str], now: datetime) -> dict[str, int]:
    """Everything from one instant, whatever is written meanwhile."""
    options: dict[str, Any] = {"reading": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"  # SQLite's reading transactions are like that anyway
    counts = {}
    with engine.connect().execution_options(**options) as connection:
        head = {"linli": FORMAT, "version": migrations.newest(), "at": now.isoformat(timespec="seconds")}
        lines.write(json.dumps(head) + "\n")
        for table in models.tables.metadata.sorted_tables:
            lines.write(json.dumps({"table": table.name, "columns": list(table.c.keys())}) + "\n")
            counts[table.name] = 0
            for row in connection.execute(
                sa.select(table).order_by(*table.primary_key).execution_options(yield_per=_AT_ONCE)
            ):
                lines.write(json.dumps([_outside(value) for value in row], ensure_ascii=False) + "\n")
                counts[table.name] += 1
        lines.write(json.dumps({"end": counts}) + "\n")
    return counts


def _outside(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return value.isoformat() if isinstance(value, date) else value


# --- reading ---------------------------------------------------------------------------------------------------------


def _records(lines: Iterable[str]) -> Iterator[Any]:
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            raise Unfit("is not a whole backup: a line cannot be read") from None


def _head(records: Iterator[Any]) -> dict[str, Any]:
    head = next(records, None)
    if not isinstance(head, dict) or head.get("linli") != FORMAT:
        raise Unfit("was not written by `backup`")
    if head["version"] not in migrations.versions():
        raise Unfit(f"is from a newer Linli ({head['version']})")
    return head


def _read(engine: sa.Engine, records: Iterator[Any]) -> int:
    """Put all rows into tables that have the version of the backup; all of them, or none."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    counts: dict[str, int] = {}
    with engine.begin() as connection:
        begun = next(records, None)
        while isinstance(begun, dict) and "table" in begun:
            table = metadata.tables.get(begun["table"])
            if table is None:
                raise Unfit(f"holds a table nobody knows: {begun['table']}")
            try:
                counts[table.name], begun = _read_table(connection, table, begun["columns"], records)
            except (KeyError, TypeError, ValueError, sa.exc.SQLAlchemyError):
                raise Unfit(f"holds rows that do not fit the table {table.name}") from None
        if not isinstance(begun, dict) or begun.get("end") != counts:
            raise Unfit("is not a whole backup: its end is missing or does not agree")
        _count_on(connection, metadata)
    return sum(counts.values())


def _read_table(
    connection: sa.Connection, table: sa.Table, columns: list[str], records: Iterator[Any]
) -> tuple[int, Any]:
    """Insert the rows of one table; returns how many, and the first record that is no row any more."""
    # A row may point at a later row of its own table; such pointers are set when all rows are there.
    own = [column.name for column in table.c if any(key.column.table is table for key in column.foreign_keys)]
    pointers: list[dict[str, Any]] = []
    count, after = 0, None
    rows = iter(records)
    while after is None:
        batch = []
        for record in islice(rows, _AT_ONCE):
            if not isinstance(record, list):
                after = record
                break
            row = {name: _inside(table.c[name], value) for name, value in zip(columns, record, strict=True)}
            pointers += [{"of": row["id"], "column": name, "to": row[name]} for name in own if row[name] is not None]
            batch.append(row | dict.fromkeys(own))
        if not batch and after is None:
            break
        if batch:
            connection.execute(sa.insert(table), batch)
            count += len(batch)
    for pointer in pointers:
        connection.execute(
            sa.update(table).where(table.c.id == pointer["of"]).values({pointer["column"]: pointer["to"]})
        )
    return count, after


def _inside(column: sa.Column[Any], value: Any) -> Any:
    if isinstance(value, str) and isinstance(column.type, sa.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and isinstance(column.type, sa.Date):
        return date.fromisoformat(value)
    return value


def _count_on(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """PostgreSQL counts apart from the rows: let it go on after the highest number."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if "id" in table.c and (highest := connection.scalar(sa.select(sa.func.max(table.c.id)))):
            sequence = sa.func.pg_get_serial_sequence(table.name, "id")
            connection.execute(sa.select(sa.func.setval(sequence, highest)))


def _holds_rows(engine: sa.Engine) -> bool:
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return any(
            connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
            for table in metadata.sorted_tables
            if table.name != "alembic_version"
        )
