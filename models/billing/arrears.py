"""Opening arrears: what a company's own ledger says is owed becomes bills, each with its month; and taking that back within a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.arrears_sheet import ArrearsRow, ArrearsSheet
from models.billing.once import bill_once, in_words
from models.billing.publish import reverse
from models.billing.tables import Bill, FeeItem
from models.billing.tariffs import item_of
from models.db import savepoint
from models.errors import AlreadyDone, Refusal
from models.estate.actions import wait_for_other_ledgers
from models.estate.tables import Community, Home
from models.imports.actions import ALREADY, audit_import, bring
from models.imports.findings import KEPT, cell_of
from models.imports.states import AGREED, DONE
from models.imports.tables import Import, ImportChange
from models.imports.undo import begin_undo
from models.money import shown

KIND = "arrears"
ITEM = "PROP"
SHOWN, LISTED = 10, 50
ASKS_UNTIL = "写的这个月到底交了没有？请重新上传，在「缴至的那个月」里选交了或没交。"


@dataclass(frozen=True)
class Plan:
    """The rows that will become bills, each with its home; and what stands in the way."""

    homes: dict[int, ArrearsRow]
    refusals: tuple[str, ...]


def plan_arrears(session: Session, community: Community, rows: Sequence[ArrearsRow]) -> Plan:
    """Two statements: the homes of the compound, and the months that are billed already."""
    homes = {
        (home.building, home.entrance, home.room): home.id
        for home in session.scalars(sa.select(Home).where(Home.community_id == community.id))
    }
    posted = (
        sa.select(Bill.home_id, Bill.start, Bill.end)
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .where(Bill.community_id == community.id, FeeItem.code == ITEM, Bill.state.in_(("posted", "draft")))
    )
    billed: dict[int, list[tuple[date, date]]] = {}
    for number, start, end in session.execute(posted):
        billed.setdefault(number, []).append((start, end))
    found: dict[int, ArrearsRow] = {}
    refusals = []
    for row in rows:
        home = homes.get((row.address.building, row.address.entrance, row.address.door))
        if home is None:
            refusals.append(f"{row.cell}：系统里没有 {row.address.label} 这一户")
            continue
        twice = [
            one for one in row.owed if any(start <= one.end and one.start <= end for start, end in billed.get(home, ()))
        ]
        refusals += [f"{one.cell}：{row.address.label} {one.start:%Y-%m} 系统里已经有账单" for one in twice]
        if row.owed:
            found[home] = row
    return Plan(found, tuple(refusals))


def write_arrears(
    session: Session, community: Community, rows: Sequence[ArrearsRow], *, name: str, sha256: str, now: datetime
) -> Import:
    """Post everything that is owed, or nothing. Raises Refusal; AlreadyDone when the same file is on the books."""
    brought = bring(
        session, community, kind=KIND, name=name, sha256=sha256, file="", state=AGREED, by="command", by_name="",
        source="command", now=now,
    )  # fmt: skip
    try:
        with savepoint(session):
            brought.state, brought.written_at = DONE, now
            session.flush()
    except sa.exc.IntegrityError as twice:
        raise AlreadyDone(ALREADY) from twice
    post_arrears(session, community, brought, rows, now=now)
    audit_import(session, brought, "import.write", by="command", source="command", now=now)
    return brought


def post_arrears(
    session: Session, community: Community, brought: Import, rows: Sequence[ArrearsRow], *, now: datetime
) -> None:
    """A bill for each month that is owed, kept with the import so that it can be taken back. Raises Refusal.

    A draft that is just growing is waited for: what it has written by then is seen, and its next homes see what is written here.
    """
    wait_for_other_ledgers(session, community.id)
    plan = plan_arrears(session, community, rows)
    if plan.refusals:
        raise Refusal("；".join(plan.refusals[:SHOWN]) + "。")
    item = item_of(session, community.company_id, ITEM)
    for home_id, row in plan.homes.items():
        home = session.get_one(Home, home_id)
        for one in row.owed:
            part = f"，已交{shown(one.month - one.fen)}" if one.fen < one.month else ""
            basis = in_words(
                f"期初欠费：{one.start:%Y-%m} 应交{shown(one.month)}{part}，按台账「{brought.name}」{one.cell}登记。"
            )
            bill = bill_once(
                session, home, item, one.fen, start=one.start, end=one.end, due_on=one.end, basis=basis,
                by=brought.by, now=now, what="opening",
            )  # fmt: skip
            session.add(
                ImportChange(
                    import_id=brought.id, table_name="bills", row_id=bill.id, before={}, after={"fen": one.fen}
                )
            )


def findings_of(name: str, sheet: ArrearsSheet, plan: Plan | None) -> dict[str, Any]:
    """What is kept with an import of arrears and shown on its page, as for any other ledger (models/imports/findings.py)."""
    refused = [*sheet.refusals, *(plan.refusals if plan else ())]
    cells = [cell_of(refusal) for refusal in refused[:KEPT]]
    if sheet.asks_until:
        refused.append(sheet.asks_until)
        cells.append({"where": "", "column": "缴至", "value": sheet.asks_until, "reason": ASKS_UNTIL})
    homes = plan.homes if plan else {}
    months = sum(len(row.owed) for row in homes.values())
    changes = [f"登记期初欠费 {len(homes)} 户、{months} 个月，共 {shown(sheet.owes)}。"]
    for row in list(homes.values())[:LISTED]:
        when = "、".join(f"{one.start:%Y-%m}" for one in row.owed)
        changes.append(f"  {row.address.label}：{when}，{shown(row.owes)}")
    if len(homes) > LISTED:
        changes.append(f"  …… 还有 {len(homes) - LISTED} 户")
    agreeing = sheet.checked - len(sheet.warnings)
    totals = [f"合计行核对：{sheet.checked} 处，{agreeing} 处相符。"] if sheet.checked else []
    return {
        "read": [f"读了「{name}」：{len(sheet.rows)} 户，欠 {shown(sheet.owes)}。", *totals],
        "warnings": sheet.warnings[:LISTED],
        "changes": changes if plan else [],
        "nothing_new": plan is not None and not homes,
        "refused": len(refused),
        "cells": cells,
    }


def undo_arrears(session: Session, wanted: Import, *, now: datetime, by: str, source: str) -> None:
    """Reverse every bill of the import, within a day and while none of them was paid. Raises Refusal, AlreadyDone."""
    begin_undo(session, wanted, now=now)
    changes = sa.select(ImportChange.row_id).where(
        ImportChange.import_id == wanted.id, ImportChange.table_name == "bills"
    )
    bills = session.scalars(sa.select(Bill).where(Bill.id.in_(changes)).order_by(Bill.id)).all()
    paid = [bill for bill in bills if bill.paid]
    if paid:
        labels = dict.fromkeys(session.get_one(Home, bill.home_id).label for bill in paid[:SHOWN])
        raise Refusal(f"不能撤销：{'、'.join(labels)} 已经交过这些欠费。")
    for bill in bills:
        if bill.state == "posted":
            reverse(session, bill, reason="撤销导入", by=by, now=now)
    audit_import(session, wanted, "import.undo", by=by, source=source, now=now)
