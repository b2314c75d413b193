"""`import places FILE --community NAME`: a compound's public places with what people call them, all of it or nothing."""

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from models.db import Database
from models.errors import NotFound, Refusal
from models.estate.communities import community_to_import_into
from models.estate.place_actions import import_places, plan_places
from models.estate.place_sheet import read_places
from models.estate.tables import Community, home_label
from models.sheets.files import read_file

_SHOWN = 50


def run_import(
    database: Database, path: Path, *, community_name: str, now: datetime, dry_run: bool, agreed: bool
) -> None:
    """Read, show, ask, write. Raises Refusal when nothing was written because something must be mended first."""
    file = read_file(path)
    sheet = read_places(file.sheets)
    with database.reading() as session:
        community = _community(session, community_name)
        click.echo(f"读了「{file.name}」：{len(sheet.rows)} 处公共部位。")
        for refusal in sheet.refusals:
            click.echo(f"看不懂：{refusal}")
        if sheet.refusals:
            raise Refusal(f"有 {len(sheet.refusals)} 处要先改好，什么也没有写入。")
        plan = plan_places(session, community.id, sheet.rows)
    if plan.changes_nothing:
        click.echo("和系统里的一样，没有要改的。")
        return
    click.echo(f"公共部位：新增 {len(plan.new)} 处，改别名 {len(plan.changes)} 处，不变 {plan.unchanged} 处。")
    for row in [*plan.new, *(change.row for change in plan.changes)][:_SHOWN]:
        called = f"（{'、'.join(row.nicknames)}）" if row.nicknames else ""
        click.echo(f"  {home_label(row.building, row.entrance, '')}{row.name}{called}")
    if dry_run:
        click.echo("只是试看，什么也没有写入。")
        return
    if not agreed and not click.confirm("写入吗？"):
        raise Refusal("没有写入。")
    with database.transaction() as session:
        community = _community(session, community_name)
        import_places(session, community, sheet.rows, now=now, by="command", source="command")
    click.echo("已写入。")


def _community(session: Session, name: str) -> Community:
    community = community_to_import_into(session, name, may_be_new=False)
    if community is None:
        raise NotFound(f"系统里没有小区「{name}」，请先导入它的房产台账。")
    return community
