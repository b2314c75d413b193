"""`export`: what is on the books, for a spreadsheet or another program. Streamed; phones masked, WeChats only as digests."""

import contextlib
import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from bot.services import Services
from handlers.commands.export_figures import quarter_named
from handlers.commands.export_kinds import EXPORTS, Export, Row
from models.db import Database
from models.estate.tables import Community
from models.workorders.quarters import Quarter

# What a spreadsheet would take for the beginning of a formula (OWASP ASVS 1.2.10), half and full width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")

Writer = Callable[[Sequence[str], Iterable[Row], IO[bytes]], None]


@click.command("export")
@click.argument("kind", type=click.Choice(sorted(EXPORTS)))
@click.option("--format", "form", type=click.Choice(["jsonl", "csv", "xlsx"]), default="jsonl", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of stdout.")
@click.option("--community", help="Only what belongs to this compound.")
@click.option("--quarter", help="For figures: which quarter, like 2026Q1 (the one that runs).")
@with_appcontext
def export(kind: str, form: str, output: Path | None, community: str | None, quarter: str | None) -> None:
    """Write everything of one KIND. Phones are masked and WeChat ids digested."""
    if form == "xlsx" and output is None:
        raise click.ClickException("xlsx needs --output FILE")
    services: Services = current_app.extensions["services"]
    what = EXPORTS[kind]
    if quarter and what.quarterly is None:
        raise click.ClickException(f"{kind} are not counted by quarters: leave --quarter out")
    if community and what.community is None and what.quarterly is None:
        raise click.ClickException(f"{kind} do not belong to a compound: leave --community out")
    now = services.clock.now()
    if what.quarterly is None:
        rows = _rows(services.database, kind, community)
    else:
        rows = _figures(services.database, what, quarter_named(quarter, now), now, community)
    with _target(output) as target:
        _WRITERS[form](what.columns, rows, target)


def spreadsheet_safe(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a ' in front; `import` takes it off again. Numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    return f"'{text}" if text.startswith(_FORMULA) else text


def _rows(database: Database, kind: str, community: str | None) -> Iterator[Row]:
    what = EXPORTS[kind]
    statement = what.select
    with database.reading() as session:
        if community and what.community is not None:
            statement = statement.where(what.community.in_(_community_called(session, community)))
        for row in session.execute(statement.execution_options(yield_per=500)):
            yield from what.expand(session, row) if what.expand else (what.shown(row),)


def _figures(database: Database, what: Export, quarter: Quarter, now: datetime, community: str | None) -> Iterator[Row]:
    with database.reading() as session:
        only = _community_called(session, community) if community else None
        for company in session.execute(what.select).all():
            if what.quarterly is not None:
                yield from what.quarterly(session, company, quarter, now, only)


def _community_called(session: Session, name: str) -> frozenset[int]:
    found = session.scalars(sa.select(Community.id).where(Community.name == name)).all()
    if not found:
        raise click.ClickException(f"there is no compound called {name}")
    return frozenset(found)


@contextlib.contextmanager
def _target(output: Path | None) -> Iterator[IO[bytes]]:
    """stdout, or a file that is complete or not there at all."""
    if output is None:
        yield sys.stdout.buffer
        return
    unfinished = output.with_name(output.name + ".part")
    try:
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
        unfinished.replace(output)
    except OSError as problem:
        raise click.ClickException(f"{output} cannot be written: {problem.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _write_jsonl(columns: Sequence[str], rows: Iterable[Row], target: IO[bytes]) -> None:
    for row in rows:
        line = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=_plain)
        target.write(line.encode() + b"\n")


def _write_csv(columns: Sequence[str], rows: Iterable[Row], target: IO[bytes]) -> None:
    text = io.TextIOWrapper(
        target, "utf-8-sig", newline="", write_through=True
    )  # with the mark Excel needs for Chinese
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([spreadsheet_safe(_cell(value)) for value in row])
    text.detach()


def _write_xlsx(columns: Sequence[str], rows: Iterable[Row], target: IO[bytes]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 (slow to load, and only needed here)
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("export")
    sheet.append(list(columns))
    for row in rows:
        cells = []
        for value in row:
            plain = spreadsheet_safe(_cell(value))
            cell = WriteOnlyCell(sheet, plain)
            if isinstance(plain, str):
                cell.data_type = "s"  # text, whatever it looks like
            cells.append(cell)
        sheet.append(cells)
    book.save(target)


_WRITERS: dict[str, Writer] = {"jsonl": _write_jsonl, "csv": _write_csv, "xlsx": _write_xlsx}


def _cell(value: Any) -> Any:
    """A value as one cell holds it: numbers as numbers, moments and lists as text."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=_plain, sort_keys=True)
    return value if isinstance(value, int | Decimal | str | None) else _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
