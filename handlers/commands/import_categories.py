"""`import categories FILE`: a company's own trades, priorities and words about who is responsible, all of it or nothing."""

from datetime import datetime
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.errors import Refusal
from models.estate.tables import Company
from models.sheets.files import read_file
from models.workorders.category_settings import changed_by, set_categories
from models.workorders.category_sheet import read_categories


def run_import(database: Database, path: Path, *, now: datetime, dry_run: bool, agreed: bool) -> None:
    """Read, show, ask, write. Raises Refusal when nothing was written because something must be mended first."""
    sheet = read_categories(read_file(path).sheets)
    click.echo(f"读了「{path.name}」：{len(sheet.rows)} 个类别。")
    for refusal in sheet.refusals:
        click.echo(f"看不懂：{refusal}")
    if sheet.refusals:
        raise Refusal(f"有 {len(sheet.refusals)} 处要先改好，什么也没有写入。")
    with database.reading() as session:
        changed = changed_by(session, only_company(session), sheet.rows)
    if not changed:
        click.echo("和系统里的一样，没有要改的。")
        return
    for row in changed:
        rule = row.rule
        click.echo(f"  {rule.code}：{f'{rule.trade}，{rule.priority}' if row.active else '恢复成默认的'}")
    if dry_run:
        click.echo("只是试看，什么也没有写入。")
        return
    if not agreed and not click.confirm(f"改这 {len(changed)} 个类别吗？"):
        raise Refusal("没有写入。")
    with database.transaction() as session:
        set_categories(session, only_company(session), changed, now=now, by="command")
    click.echo("已写入，从下一次报修起生效。")


def only_company(session: Session) -> int:
    companies = session.scalars(sa.select(Company.id)).all()
    if len(companies) != 1:
        raise Refusal("系统里还没有公司，请先导入房产台账。" if not companies else "系统里有几家公司，请分开设置。")
    return companies[0]
