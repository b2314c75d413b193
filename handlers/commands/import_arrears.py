"""`import arrears FILE --community NAME`: what the company's own ledger says is owed becomes bills; all of it or nothing."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from models.billing.arrears import KIND, Plan, plan_arrears, write_arrears
from models.billing.arrears_sheet import ArrearsSheet, read_arrears
from models.db import Database
from models.errors import Refusal
from models.estate.communities import community_to_import_into
from models.estate.tables import Community
from models.imports.queries import imported_before
from models.money import shown
from models.sheets.files import read_file
from models.sheets.package import Limits

SHOWN = 20
MEANINGS = {"included": True, "not-included": False}
NOT_ASKED = (
    "台账里写着「{words}」：到底这个月交了没有？请加上 --until included（交了）或 --until not-included（没交）。"
)


def run_import(
    database: Database,
    path: Path,
    *,
    community_name: str,
    now: datetime,
    dry_run: bool,
    agreed: bool,
    until: str = "",
    limits: Limits | None = None,
) -> None:
    """Read, ask once what 缴至 means, show, ask, write. Raises Refusal when nothing was written."""
    sheet, sha256, name = _read(path, until, agreed, limits)
    for warning in sheet.warnings:
        click.echo(f"提醒：{warning}")
    with database.transaction() as session:
        community = _community(session, community_name)
        if before := imported_before(session, community.id, KIND, sha256):
            click.echo(f"这个文件 {before.written_at:%Y-%m-%d %H:%M} 已经导入过，什么也没有改。")
            return
        plan = plan_arrears(session, community, sheet.rows)
    _stop_at([*sheet.refusals, *plan.refusals])
    _show(plan, sheet)
    if dry_run:
        click.echo("只是试看，什么也没有写入。")
        return
    if not plan.homes:
        click.echo("没有欠费，没有要登记的。")
        return
    if not agreed and not click.confirm("写入吗？"):
        raise Refusal("没有写入。")
    with database.transaction() as session:
        community = _community(session, community_name)
        number = write_arrears(session, community, sheet.rows, name=name, sha256=sha256, now=now).id
    click.echo(f"已写入。24 小时内可以撤销：undo-import {number}")


def _stop_at(refusals: Sequence[str]) -> None:
    for refusal in refusals:
        click.echo(f"看不懂：{refusal}")
    if refusals:
        raise Refusal(f"有 {len(refusals)} 处要先改好，什么也没有写入。")


def _show(plan: Plan, sheet: ArrearsSheet) -> None:
    months = sum(len(row.owed) for row in plan.homes.values())
    click.echo(f"将登记期初欠费 {len(plan.homes)} 户、{months} 个月，共 {shown(sheet.owes)}。")
    for row in list(plan.homes.values())[:SHOWN]:
        when = "、".join(f"{one.start:%Y-%m}" for one in row.owed)
        click.echo(f"  {row.address.label}：{when}，{shown(row.owes)}")
    if len(plan.homes) > SHOWN:
        click.echo(f"  …… 还有 {len(plan.homes) - SHOWN} 户")


def _read(path: Path, until: str, agreed: bool, limits: Limits | None) -> tuple[ArrearsSheet, str, str]:
    file = read_file(path, limits)
    sheet = read_arrears(file.sheets, until_included=MEANINGS.get(until))
    if sheet.asks_until:
        if agreed:
            raise Refusal(NOT_ASKED.format(words=sheet.asks_until))
        included = click.confirm(f"台账里写着「{sheet.asks_until}」：写的这个月已经交了吗？（只问一次，全表照此办理）")
        sheet = read_arrears(read_file(path, limits).sheets, until_included=included)
    click.echo(f"读了「{file.name}」：{len(sheet.rows)} 户，欠 {shown(sheet.owes)}。")
    if sheet.checked:
        click.echo(f"合计行核对：{sheet.checked} 处，{sheet.checked - len(sheet.warnings)} 处相符。")
    return sheet, file.sha256, file.name


def _community(session: Session, name: str) -> Community:
    community = community_to_import_into(session, name, may_be_new=False)
    if community is None:
        raise Refusal("没有这个小区，请先导入房产台账。")
    return community
