"""`import tariffs FILE --community NAME`: what a compound charges, and the homes that pay; all of it or nothing."""

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from models.billing.tariff_import import line_of, new_rows, write_tariffs
from models.billing.tariff_sheet import read_tariffs
from models.db import Database
from models.errors import Refusal
from models.estate.communities import community_to_import_into
from models.estate.tables import Community
from models.sheets.files import read_file


def run_import(
    database: Database, path: Path, *, community_name: str, now: datetime, dry_run: bool, agreed: bool
) -> None:
    """Read, show, ask, write. Raises Refusal when nothing was written because something must be mended first."""
    sheet = read_tariffs(read_file(path).sheets)
    click.echo(f"读了「{path.name}」：{len(sheet.rows)} 个收费标准。")
    for refusal in sheet.refusals:
        click.echo(f"看不懂：{refusal}")
    if sheet.refusals:
        raise Refusal(f"有 {len(sheet.refusals)} 处要先改好，什么也没有写入。")
    with database.reading() as session:
        new = new_rows(session, _community(session, community_name).id, sheet.rows)
    if not new:
        click.echo("和系统里的一样，没有要加的。")
        return
    for row in new:
        click.echo(f"  {line_of(row)}")
    if dry_run:
        click.echo("只是试看，什么也没有写入。")
        return
    if not agreed and not click.confirm(f"加这 {len(new)} 个收费标准吗？以后只能加新的，不能改。"):
        raise Refusal("没有写入。")
    with database.transaction() as session:
        community = _community(session, community_name)
        homes = write_tariffs(session, community, new, by="command", now=now, brought=None)
    click.echo(f"已写入，给 {homes} 户次设了收费。下月1日夜里开始出账，经理核对后发布。")


def _community(session: Session, name: str) -> Community:
    community = community_to_import_into(session, name, may_be_new=False)
    if community is None:
        raise Refusal("没有这个小区，请先导入房产台账。")
    return community
