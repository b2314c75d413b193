"""`export`: what is on the books, for a spreadsheet or another program. Streamed; phones masked, WeChats only as digests."""

import contextlib
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from bot.logs import mask
from bot.services import Services
from handlers.commands.export_figures import quarter_named
from handlers.commands.export_kinds import EXPORTS
from handlers.commands.exporting import Export, Row
from handlers.spreadsheets import WRITERS
from models.audit.log import record
from models.db import Database
from models.estate.tables import Community
from models.workorders.quarters import Quarter


@click.command("export")
@click.argument("kind", type=click.Choice(sorted(EXPORTS)))
@click.option("--format", "form", type=click.Choice(["jsonl", "csv", "xlsx"]), default="jsonl", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of stdout.")
@click.option("--community", help="Only what belongs to this compound.")
@click.option(
    "--full", is_flag=True, help="Whole phone numbers; needs --output and --reason, and is written in the log."
)
@click.option("--reason", default="", help="Why whole phone numbers are needed.")
@click.option("--quarter", help="For figures: which quarter, like 2026Q1 (the one that runs).")
@with_appcontext
def export(
    kind: str,
    form: str,
    output: Path | None,
    community: str | None,
    full: bool,
    reason: str,
    quarter: str | None,
) -> None:
    """Write everything of one KIND. Phones are masked and WeChat ids digested."""
    if form == "xlsx" and output is None:
        raise click.ClickException("xlsx needs --output FILE")
    services: Services = current_app.extensions["services"]
    what = EXPORTS[kind]
    if quarter and what.quarterly is None:
        raise click.ClickException(f"{kind} are not counted by quarters: leave --quarter out")
    if community and what.community is None and what.quarterly is None:
        raise click.ClickException(f"{kind} do not belong to a compound: leave --community out")
    if full:
        _write_down(services, kind, community, output, reason.strip())
    now = services.clock.now()
    if what.quarterly is None:
        rows = _rows(services.database, kind, community, full=full)
    else:
        rows = _figures(services.database, what, quarter_named(quarter, now), now, community)
    with _target(output) as target:
        WRITERS[form](what.columns, rows, target)


def _write_down(services: Services, kind: str, community: str | None, output: Path | None, reason: str) -> None:
    """Whole phones leave the house only with a reason, into a file that only its owner reads, and not unnoticed."""
    if EXPORTS[kind].whole is None:
        raise click.ClickException(f"{kind} hold no phone numbers: leave --full out")
    if output is None or not reason:
        raise click.ClickException("--full needs --output FILE and --reason WORDS")
    with services.database.transaction() as session:
        record(
            session,
            at=services.clock.now(),
            actor="command",
            action="export.full",
            subject=f"export:{kind}",
            source="command",
            details={"reason": mask(reason)[:200], "community": community or ""},
        )


def _rows(database: Database, kind: str, community: str | None, *, full: bool = False) -> Iterator[Row]:
    what = EXPORTS[kind]
    shown = what.whole if full and what.whole is not None else what.shown
    statement = what.select
    with database.reading() as session:
        if community and what.community is not None:
            statement = statement.where(what.community.in_(_community_called(session, community)))
        for row in session.execute(statement.execution_options(yield_per=500)):
            yield from what.expand(session, row) if what.expand else (shown(row),)


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
