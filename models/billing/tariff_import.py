"""Taking a sheet of tariffs onto the books: only what is new, kept with the import, and taken back while nothing rests on it."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.cycles import cycle_with
from models.billing.figures import yuan
from models.billing.metered import KIND_OF_ITEM, UNITS
from models.billing.tables import Bill, Charge, FeeItem, SkippedHome, Tariff, TariffPrice
from models.billing.tariff_sheet import TariffRow, TariffSheet
from models.billing.tariffs import ITEMS, agree, charge_all, why_not_ended
from models.errors import Refusal
from models.estate.tables import Community
from models.imports.actions import audit_import
from models.imports.findings import KEPT, cell_of
from models.imports.tables import Import, ImportChange
from models.imports.undo import begin_undo
from models.money import shown

KIND = "tariffs"
_NEW, _ENDED = "tariffs", "tariffs_ended"


def new_rows(session: Session, community_id: int, rows: Sequence[TariffRow]) -> list[TariffRow]:
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


def clashes(session: Session, community_id: int, rows: Sequence[TariffRow]) -> list[str]:
    """What cannot be agreed to, because of the tariff that the item has."""
    in_force = session.execute(
        sa.select(FeeItem.code, Tariff)
        .join(Tariff, Tariff.item_id == FeeItem.id)
        .where(Tariff.community_id == community_id, Tariff.until_day.is_(None))
        .order_by(Tariff.from_day.desc())
    ).all()
    found = []
    for row in rows:
        older = (tariff for code, tariff in in_force if code == row.code)
        reasons = (why_not_ended(session, tariff, row.agreement) for tariff in older)
        found += [f"{ITEMS[row.code].name}：{reason}" for reason in reasons if reason][:1]
    return found


def price_words(row: TariffRow) -> str:
    """每月 1.85元, 每吨 5.00元, 一年里到180吨 5元，再往上 7元."""
    agreement = row.agreement
    if agreement.formula != "meter":
        return f"每月 {price_shown(agreement.price)}"
    unit = UNITS[KIND_OF_ITEM[row.code]]
    if not agreement.tiers:
        return f"每{unit} {price_shown(agreement.price)}"
    span = "一年" if agreement.tiers["span"] == "year" else "一个月"
    steps = "，".join(
        f"{'到' + str(upto) + unit if upto else '再往上'} {yuan(Fraction(fen))}元"
        for upto, fen in agreement.tiers["tiers"]
    )
    return f"{span}里{steps}"


def price_shown(price: int) -> str:
    """1/100 fen as yuan with up to four decimals: 1.85元, 0.5224元."""
    if price % 100 == 0:
        return shown(price // 100)
    return f"{price // 10_000}.{price % 10_000:04d}元"


def line_of(row: TariffRow) -> str:
    return f"{ITEMS[row.code].name}：{price_words(row)}，{row.agreement.from_day} 起"


def findings_of(name: str, sheet: TariffSheet, new: Sequence[TariffRow], refused: Sequence[str] = ()) -> dict[str, Any]:
    """What is kept with an import of tariffs and shown on its page, as for any other ledger (models/imports/findings.py)."""
    wrong = [*sheet.refusals, *refused]
    return {
        "read": [f"读了「{name}」：{len(sheet.rows)} 个收费标准。"],
        "warnings": [],
        "changes": [f"加 {len(new)} 个收费标准，这类房屋每一户都按它收。", *(f"  {line_of(row)}" for row in new)],
        "nothing_new": not new and not wrong,
        "refused": len(wrong),
        "cells": [cell_of(refusal) for refusal in wrong[:KEPT]],
    }


def write_tariffs(
    session: Session, community: Community, rows: Sequence[TariffRow], *, by: str, now: datetime, brought: Import | None
) -> int:
    """Agree on all of them; every home of the kind pays from the first day on. Returns how many home and item pairs are new."""
    homes = 0
    for row in rows:
        older = _in_force(session, community.id, row.code)
        tariff = agree(session, community.id, row.code, row.agreement, by=by, now=now)
        homes += charge_all(session, tariff, row.agreement.from_day)
        if brought is not None:
            _keep(session, brought, _NEW, tariff.id, {"item": row.code, "price": row.agreement.price})
            for number in older:
                _keep(session, brought, _ENDED, number, {"followed_by": tariff.id})
    session.flush()
    return homes


def _in_force(session: Session, community_id: int, code: str) -> Sequence[int]:
    return session.scalars(
        sa.select(Tariff.id)
        .join(FeeItem, FeeItem.id == Tariff.item_id)
        .where(Tariff.community_id == community_id, FeeItem.code == code, Tariff.until_day.is_(None))
    ).all()


def _keep(session: Session, brought: Import, table: str, number: int, after: dict[str, Any]) -> None:
    session.add(ImportChange(import_id=brought.id, table_name=table, row_id=number, before={}, after=after))


def undo_tariffs(session: Session, wanted: Import, *, now: datetime, by: str, source: str) -> None:
    """The tariffs of an import go, and what they followed holds again; within a day and while no bill rests on any of them.

    Raises Refusal, AlreadyDone.
    """
    begin_undo(session, wanted, now=now)
    tariffs, ended = (_kept(session, wanted, table) for table in (_NEW, _ENDED))
    _refuse_what_is_in_use(session, tariffs)
    _refuse_what_was_cut(session, ended)
    charges = sa.select(Charge.id).where(Charge.tariff_id.in_(tariffs))
    session.execute(sa.delete(SkippedHome).where(SkippedHome.charge_id.in_(charges)))
    for table in (Charge, TariffPrice):
        session.execute(sa.delete(table).where(table.tariff_id.in_(tariffs)))
    session.execute(sa.delete(Tariff).where(Tariff.id.in_(tariffs)))
    session.execute(sa.update(Tariff).where(Tariff.id.in_(ended)).values(until_day=None))
    audit_import(session, wanted, "import.undo", by=by, source=source, now=now)


def _kept(session: Session, wanted: Import, table: str) -> Sequence[int]:
    return session.scalars(
        sa.select(ImportChange.row_id).where(ImportChange.import_id == wanted.id, ImportChange.table_name == table)
    ).all()


def _refuse_what_is_in_use(session: Session, tariffs: Sequence[int]) -> None:
    billed = session.scalar(
        sa.select(FeeItem.name).join(Bill, Bill.item_id == FeeItem.id).where(Bill.tariff_id.in_(tariffs)).limit(1)
    )
    if billed is not None:
        raise Refusal(f"不能撤销：{billed}已经按这个标准算过账单了。要改价，请加一个新的标准。")
    later = session.scalar(
        sa.select(FeeItem.name)
        .join(Tariff, Tariff.item_id == FeeItem.id)
        .where(Tariff.id.in_(tariffs), Tariff.until_day.is_not(None))
        .limit(1)
    )
    if later is not None:
        raise Refusal(f"不能撤销：{later}后来又加了新的标准。")


def _refuse_what_was_cut(session: Session, ended: Sequence[int]) -> None:
    """A period that was billed until the eve of the new tariff only would never be billed to its end."""
    rows = session.execute(
        sa.select(Tariff, FeeItem.name)
        .join(FeeItem, FeeItem.id == Tariff.item_id)
        .where(
            Tariff.id.in_(ended),
            sa.exists().where(
                Bill.tariff_id == Tariff.id, Bill.end == Tariff.until_day, Bill.state.in_(("posted", "draft"))
            ),
        )
    )
    for tariff, item in rows:
        until = tariff.until_day
        if until is not None and cycle_with(tariff.anchor, tariff.cycle_months, until).end != until:
            raise Refusal(f"不能撤销：{item}已经算过到{until}为止的账单了。还没发布的，请先到「出账」点重新算。")
