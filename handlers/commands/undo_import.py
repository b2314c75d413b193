"""`flask --app wsgi undo-import ID`: take an import back within a day of its writing, all of it or nothing."""

import sys
from datetime import datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from bot.services import Services
from models.billing.arrears import KIND, undo_arrears
from models.db import Database
from models.errors import Refusal
from models.imports.queries import NO_SUCH
from models.imports.tables import Import
from models.imports.undo import undo


@click.command("undo-import")
@click.argument("number", metavar="ID", type=click.IntRange(1, 2**53))
@with_appcontext
def undo_import_command(number: int) -> None:
    """撤销一次导入（写入后 24 小时内）。新增的删掉，改过的恢复；已经有人用到的就不能撤销，会说明是哪一户。"""
    services: Services = current_app.extensions["services"]
    try:
        name = run_undo(services.database, number, services.clock.now())
    except Refusal as refusal:
        click.echo(refusal.message, err=True)
        sys.exit(1)
    click.echo(f"已撤销「{name}」的导入，和导入以前一样了。")


def run_undo(database: Database, number: int, now: datetime) -> str:
    """Returns the name of the file. Raises Refusal when nothing was undone."""
    with database.transaction() as session:
        wanted = session.get(Import, number)
        if wanted is None:
            raise Refusal(NO_SUCH)
        take_back = undo_arrears if wanted.kind == KIND else undo
        take_back(session, wanted, now=now, by="command", source="command")
        return wanted.name
