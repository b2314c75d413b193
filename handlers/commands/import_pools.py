"""`import pools FILE --community NAME`: a month's common costs, shared out and shown first, then all of them or none."""

from datetime import datetime
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.pool_sheet import PoolRow, read_pools
from models.billing.share_actions import PoolPlan, Wanted, keep_pool, plan_pool, words_of_plan
from models.billing.share_tables import Pool
from models.db import Database
from models.errors import NotFound, Refusal
from models.estate.communities import community_to_import_into
from models.estate.tables import Community, Home, home_label
from models.sheets.files import read_file


def run_import(
    database: Database, path: Path, *, community_name: str, now: datetime, dry_run: bool, agreed: bool
) -> None:
    """Read, show, ask, write. Raises Refusal when nothing was written because something must be mended first."""
    sheet = read_pools(read_file(path).sheets)
    click.echo(f"读了「{path.name}」：{len(sheet.rows)} 笔公摊费用。")
    with database.reading() as session:
        plans, refusals = _plans(session, _community(session, community_name).id, sheet.rows)
    refusals = [*sheet.refusals, *refusals]
    for line in refusals:
        click.echo(f"看不懂：{line}")
    if refusals:
        raise Refusal(f"有 {len(refusals)} 处要先改好，什么也没有写入。")
    if not plans:
        click.echo("和系统里的一样，没有要加的。")
        return
    for plan in plans:
        click.echo("\n  ".join(words_of_plan(plan, _scope(plan))))
    if dry_run:
        click.echo("只是试看，什么也没有写入。")
        return
    if not agreed and not click.confirm(f"登记这 {len(plans)} 笔，明细公示给业主吗？"):
        raise Refusal("没有写入。")
    with database.transaction() as session:
        community = _community(session, community_name)
        for row in _new(session, community.id, sheet.rows):
            keep_pool(session, community, _planned(session, community.id, row), by="command", now=now)
    click.echo("已写入，下次出账时进各家账单。")


def _plans(session: Session, community_id: int, rows: tuple[PoolRow, ...]) -> tuple[list[PoolPlan], list[str]]:
    """How each new cost would be shared out, and why some cannot be."""
    plans, refusals = [], []
    for row in _new(session, community_id, rows):
        try:
            plans.append(_planned(session, community_id, row))
        except Refusal as refusal:
            refusals.append(f"{row.where} {row.name}：{refusal.message}")
    return plans, refusals


def _scope(plan: PoolPlan) -> str:
    if plan.wanted.homes is not None:
        return "指定的"
    return home_label(plan.wanted.building, plan.wanted.entrance, "") or "全小区"


def _new(session: Session, community_id: int, rows: tuple[PoolRow, ...]) -> list[PoolRow]:
    """Those that are not on the books already, sum and all."""
    rows_known = session.execute(
        sa.select(Pool.period, Pool.name, Pool.building, Pool.entrance, Pool.amount).where(
            Pool.community_id == community_id, Pool.state != "dropped"
        )
    )
    known = {tuple(row) for row in rows_known}
    return [row for row in rows if (row.period, row.name, row.building, row.entrance, row.amount) not in known]


def _planned(session: Session, community_id: int, row: PoolRow) -> PoolPlan:
    wanted = Wanted(
        name=row.name, amount=row.amount, period=row.period, document=row.document, base=row.base, area_part=row.area_part,
        building=row.building, entrance=row.entrance, homes=_listed(session, community_id, row), floors=row.floors,
        excluded=row.excluded, excluded_why=row.excluded_why,
    )  # fmt: skip
    return plan_pool(session, community_id, wanted)


def _listed(session: Session, community_id: int, row: PoolRow) -> frozenset[int] | None:
    """The homes of a list; None when the scope is a building, an entrance or all. Raises Refusal for one that does not exist."""
    if not row.homes:
        return None
    doors = {(home.building, home.entrance, home.door): home.label for home in row.homes}
    found = session.execute(
        sa.select(Home.id, Home.building, Home.entrance, Home.room).where(
            Home.community_id == community_id, Home.room.in_([home.door for home in row.homes])
        )
    ).all()
    known = {(home.building, home.entrance, home.room): home.id for home in found}
    unknown = [label for door, label in doors.items() if door not in known]
    if unknown:
        raise Refusal(f"系统里没有{'、'.join(unknown[:5])}")
    return frozenset(known[door] for door in doors)


def _community(session: Session, name: str) -> Community:
    community = community_to_import_into(session, name, may_be_new=False)
    if community is None:
        raise NotFound(f"系统里没有小区「{name}」，请先导入它的房产台账。")
    return community
