"""`import tariffs FILE --community NAME`: what a compound charges, and the homes that pay; all of it or nothing."""

from datetime import datetime
from fractions import Fraction
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.figures import yuan
from models.billing.metered import KIND_OF_ITEM, UNITS
from models.billing.tables import FeeItem, Tariff, TariffPrice
from models.billing.tariff_sheet import TariffRow, read_tariffs
from models.billing.tariffs import ITEMS, agree, charge_all
from models.db import Database
from models.errors import Refusal
from models.estate.communities import community_to_import_into
from models.money import shown
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
        new = _new(session, _community(session, community_name), sheet.rows)
    if not new:
        click.echo("和系统里的一样，没有要加的。")
        return
    for row in new:
        click.echo(f"  {ITEMS[row.code].name}：{_price(row)}，{row.agreement.from_day} 起")
    if dry_run:
        click.echo("只是试看，什么也没有写入。")
        return
    if not agreed and not click.confirm(f"加这 {len(new)} 个收费标准吗？以后只能加新的，不能改。"):
        raise Refusal("没有写入。")
    with database.transaction() as session:
        homes = write(session, _community(session, community_name), new, now=now)
    click.echo(f"已写入，给 {homes} 户次设了收费。下月1日夜里开始出账，经理核对后发布。")


def _price(row: TariffRow) -> str:
    agreement = row.agreement
    if agreement.formula != "meter":
        return f"每月 {shown_price(agreement.price)}"
    unit = UNITS[KIND_OF_ITEM[row.code]]
    if not agreement.tiers:
        return f"每{unit} {shown_price(agreement.price)}"
    span = "一年" if agreement.tiers["span"] == "year" else "一个月"
    steps = "，".join(
        f"{'到' + str(upto) + unit if upto else '再往上'} {yuan(Fraction(fen))}元"
        for upto, fen in agreement.tiers["tiers"]
    )
    return f"{span}里{steps}"


def write(session: Session, community_id: int, rows: list[TariffRow], *, now: datetime) -> int:
    """Agree on all of them; every home of the kind pays from the first day on. Returns how many home and item pairs are new."""
    homes = 0
    for row in rows:
        tariff = agree(session, community_id, row.code, row.agreement, by="command", now=now)
        homes += charge_all(session, tariff, row.agreement.from_day)
    return homes


def shown_price(price: int) -> str:
    """1/100 fen as yuan with up to four decimals: 1.85元, 0.5224元."""
    if price % 100 == 0:
        return shown(price // 100)
    return f"{price // 10_000}.{price % 10_000:04d}元"


def _community(session: Session, name: str) -> int:
    community = community_to_import_into(session, name, may_be_new=False)
    if community is None:
        raise Refusal("没有这个小区，请先导入房产台账。")
    return community.id


def _new(session: Session, community_id: int, rows: tuple[TariffRow, ...]) -> list[TariffRow]:
    """Those that are not in force already, price and all."""
    rows_known = session.execute(
        sa.select(FeeItem.code, Tariff.formula, Tariff.from_day, TariffPrice.price)
        .join(Tariff, Tariff.item_id == FeeItem.id)
        .join(TariffPrice, TariffPrice.tariff_id == Tariff.id)
        .where(Tariff.community_id == community_id)
    )
    known = {tuple(row) for row in rows_known}
    return [
        row
        for row in rows
        if (row.code, row.agreement.formula, row.agreement.from_day, row.agreement.price) not in known
    ]
