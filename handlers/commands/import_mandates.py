"""`import mandates FILE --community NAME`: a compound's direct debit agreements, shown first, then all of them or none."""

from datetime import datetime
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from bot.services import Services
from models.db import Database
from models.debit.agreements import masked
from models.debit.mandate_sheet import MandateRow, read_mandates
from models.debit.mandates import in_force, sign
from models.errors import NotFound, Refusal
from models.estate.communities import community_to_import_into
from models.estate.tables import Home
from models.sheets.files import read_file


def run_import(
    database: Database, path: Path, *, community_name: str, now: datetime, dry_run: bool, agreed: bool
) -> None:
    """Read, show, ask, write. Raises Refusal when nothing was written because something must be mended first."""
    services: Services = current_app.extensions["services"]
    sheet = read_mandates(read_file(path).sheets)
    click.echo(f"读了「{path.name}」：{len(sheet.rows)} 份代扣协议。")
    with database.reading() as session:
        homes, refusals = _homes(session, _community(session, community_name), sheet.rows)
        refusals = [*sheet.refusals, *refusals]
        for line in refusals:
            click.echo(f"看不懂：{line}")
        if refusals:
            raise Refusal(f"有 {len(refusals)} 处要先改好，什么也没有写入。")
        for row, home in zip(sheet.rows, homes, strict=True):
            old = in_force(session, home.id)
            instead = f"，替换 {masked(old.tail)}" if old is not None else ""
            click.echo(f"  {home.label} {row.agreement.holder} {masked(row.agreement.account)}{instead}")
    if not sheet.rows or dry_run:
        click.echo("只是试看，什么也没有写入。" if dry_run else "表里没有协议。")
        return
    if not agreed and not click.confirm(f"登记这 {len(sheet.rows)} 份吗？"):
        raise Refusal("没有写入。")
    with database.transaction() as session:
        homes, _ = _homes(session, _community(session, community_name), sheet.rows)
        written = sum(
            sign(session, home, row.agreement, services.vault, by="command", now=now) is not None
            for row, home in zip(sheet.rows, homes, strict=True)
        )
    click.echo(f"登记了 {written} 份；{len(sheet.rows) - written} 份和系统里的一样。")


def _homes(session: Session, community_id: int, rows: tuple[MandateRow, ...]) -> tuple[list[Home], list[str]]:
    """The home of each line, and a sentence for each that does not exist. One statement."""
    doors = {(row.address.building, row.address.entrance, row.address.door) for row in rows}
    found = session.scalars(
        sa.select(Home).where(Home.community_id == community_id, Home.room.in_([room for _, _, room in doors]))
    )
    known = {(home.building, home.entrance, home.room): home for home in found}
    homes = [known.get((row.address.building, row.address.entrance, row.address.door)) for row in rows]
    unknown = [
        f"{row.where}：系统里没有{row.address.label}" for row, home in zip(rows, homes, strict=True) if home is None
    ]
    return [home for home in homes if home is not None], unknown


def _community(session: Session, name: str) -> int:
    community = community_to_import_into(session, name, may_be_new=False)
    if community is None:
        raise NotFound(f"系统里没有小区「{name}」，请先导入它的房产台账。")
    return community.id
