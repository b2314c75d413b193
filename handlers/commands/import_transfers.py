"""`import transfers FILE`: what a bank's statement says has come in goes on the list 待认领; nothing is posted by it."""

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from handlers.commands.import_categories import only_company
from models.db import Database
from models.errors import NotFound, Refusal
from models.estate.communities import community_to_import_into
from models.money import shown
from models.payments.transfer_sheet import read_statement
from models.payments.transfers import enter
from models.sheets.files import read_file


def run_import(
    database: Database, path: Path, *, community_name: str, now: datetime, dry_run: bool, agreed: bool
) -> None:
    """Read, show, ask, write. Raises Refusal when nothing was written because something must be mended first."""
    sheet = read_statement(read_file(path).sheets)
    total = shown(sum(row.fen for row in sheet.rows))
    click.echo(f"读了「{path.name}」：收入 {len(sheet.rows)} 笔 {total}；支出 {sheet.passed_over} 笔不管。")
    for line in sheet.refusals:
        click.echo(f"看不懂：{line}")
    if sheet.refusals:
        raise Refusal(f"有 {len(sheet.refusals)} 处要先改好，什么也没有写入。")
    if dry_run or not sheet.rows:
        click.echo("只是试看，什么也没有写入。" if dry_run else "没有收入，没有要登记的。")
        return
    if not agreed and not click.confirm("放进待认领清单吗？"):
        raise Refusal("没有写入。")
    with database.transaction() as session:
        new = enter(session, _company(session, community_name), sheet.rows, by="command", now=now)
    known = len(sheet.rows) - new
    click.echo(f"新放进 {new} 笔，{known} 笔以前有了。收费员说「待认领」，一笔一笔认。")


def _company(session: Session, community_name: str) -> int:
    if not community_name:
        return only_company(session)
    community = community_to_import_into(session, community_name, may_be_new=False)
    if community is None:
        raise NotFound(f"系统里没有小区「{community_name}」，请先导入它的房产台账。")
    return community.company_id
