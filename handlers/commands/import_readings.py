"""`import readings FILE --community NAME`: a month's meter readings from a company's own sheet, all of it or nothing."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from models.billing.figures import counted
from models.billing.meter_actions import label_of
from models.billing.reading_import import ReadingsPlan, import_readings, plan_readings
from models.billing.reading_sheet import ReadingRow, read_readings
from models.db import Database
from models.errors import NotFound, Refusal
from models.estate.communities import community_to_import_into
from models.estate.tables import Community
from models.sheets.files import read_file

_SHOWN = 50


def run_import(
    database: Database, path: Path, *, community_name: str, now: datetime, dry_run: bool, agreed: bool
) -> None:
    """Read, show, ask, write. Raises Refusal when nothing was written because something must be mended first."""
    file = read_file(path)
    sheet = read_readings(file.sheets)
    with database.reading() as session:
        community = community_named(session, community_name)
        plan = plan_readings(session, community.id, sheet.rows, now=now)
        click.echo(f"读了「{file.name}」：{len(sheet.rows)} 行读数。")
        tell(plan)
        refusals = [*sheet.refusals, *plan.refusals]
        _say_refused(refusals)
        if plan.changes_nothing:
            click.echo("和系统里的一样，没有要写入的。")
            return
        click.echo(f"新登记 {len(plan.meters)} 块表，记 {len(plan.readings)} 个读数，不变 {plan.unchanged} 个。")
        for meter, row in plan.readings[:_SHOWN]:
            click.echo(f"  {label_of(meter)} {row.day} {counted(row.now) if row.now is not None else ''}")
    if dry_run:
        click.echo("只是试看，什么也没有写入。")
        return
    if not agreed and not click.confirm("写入吗？"):
        raise Refusal("没有写入。")
    write(database, sheet.rows, community_name, now)
    click.echo("已写入。出账时按这些读数算，没抄到的会列出来，不会按0算。")


def write(database: Database, rows: Sequence[ReadingRow], community_name: str, now: datetime) -> None:
    with database.transaction() as session:
        community = community_named(session, community_name)
        import_readings(session, community, rows, now=now, by="command", source="command")


def tell(plan: ReadingsPlan) -> None:
    """What a clerk should know without having to mend anything."""
    for notice in plan.notices:
        click.echo(f"提醒：{notice}。")
    for unread in plan.unread:
        click.echo(f"没抄到：{unread}")


def _say_refused(refusals: Sequence[str]) -> None:
    for refusal in refusals:
        click.echo(f"看不懂：{refusal}")
    if refusals:
        raise Refusal(f"有 {len(refusals)} 处要先改好，什么也没有写入。")


def community_named(session: Session, name: str) -> Community:
    community = community_to_import_into(session, name, may_be_new=False)
    if community is None:
        raise NotFound(f"系统里没有小区「{name}」，请先导入它的房产台账。")
    return community
