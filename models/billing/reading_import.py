"""Taking a sheet of readings onto the books: compared with what is there first, then all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.cycles import months_later
from models.billing.figures import counted, parts_of
from models.billing.meter_actions import label_of, new_meter
from models.billing.meter_tables import Meter, Reading
from models.billing.metered import KIND_NAMES, KIND_OF_ITEM, Shown
from models.billing.metered_run import readings_of, start_of
from models.billing.meters import Doubtful, ratio_in, use_between
from models.billing.reading_sheet import ReadingRow, ReadingSheet, twice
from models.billing.suspicion import doubts, usual_use
from models.billing.tables import FeeItem, Tariff
from models.errors import Refusal
from models.estate.tables import Community, Home

SHOWN, KEPT = 50, 2_000  # lines of a long list, refused cells that are kept
LOOKED_BACK = timedelta(days=400)


@dataclass
class ReadingsPlan:
    """What an import would do. `meters`: new ones with their first number; `readings`: (meter, row)."""

    meters: list[Meter] = field(default_factory=list)
    readings: list[tuple[Meter, ReadingRow]] = field(default_factory=list)
    unchanged: int = 0
    unread: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        return not self.meters and not self.readings


def plan_readings(session: Session, community_id: int, rows: Sequence[ReadingRow], *, now: datetime) -> ReadingsPlan:
    """Compare a sheet with the books of one compound: four questions to the database, whatever its size."""
    plan = ReadingsPlan(refusals=twice(rows))
    homes = _homes(session, community_id)
    usual_kind = _kind_of(session, community_id)
    if any(not row.kind for row in rows):
        plan.notices.append(f"表里没有写是什么表，按{KIND_NAMES[usual_kind]}来记")
    rows = [replace(row, kind=row.kind or usual_kind) for row in rows]
    known = _Known(session, community_id)
    for row in sorted(rows, key=lambda row: row.day):
        home = homes.get((row.home.building, row.home.entrance, row.home.door)) if row.home else None
        if row.home is not None and home is None:
            plan.refusals.append(f"{row.cell('room')} 房号「{row.home.label}」：系统里没有这一户")
        elif row.day > now.date():
            plan.refusals.append(f"{row.cell('day')} 抄表日期「{row.day}」：还没有到这一天")
        else:
            _plan_row(plan, known, row, home, community_id, now)
    return plan


class _Known:
    """The meters of a compound and what they showed; grows with the lines of the sheet."""

    def __init__(self, session: Session, community_id: int) -> None:
        meters = session.scalars(sa.select(Meter).where(Meter.community_id == community_id)).all()
        self.meters = {self.key(meter): meter for meter in meters}
        newest = session.scalar(
            sa.select(sa.func.max(Reading.on))
            .join(Meter, Meter.id == Reading.meter_id)
            .where(Meter.community_id == community_id)
        )
        after = newest - LOOKED_BACK if newest else None
        read = readings_of(session, [meter.id for meter in meters], after=after) if meters else {}
        self.shown: dict[Meter, list[Shown]] = {}
        for meter in meters:
            first = start_of(meter)
            self.shown[meter] = [*([first] if first else []), *read.get(meter.id, [])]

    @staticmethod
    def key(meter: Meter) -> tuple[str, ...]:
        return (meter.kind, meter.building, meter.entrance, meter.room, meter.name)


def _plan_row(
    plan: ReadingsPlan, known: _Known, row: ReadingRow, home: Home | None, community_id: int, now: datetime
) -> None:
    place = (home.building, home.entrance, home.room) if home else (row.building, "", "")
    meter = known.meters.get((row.kind, *place, row.name))
    is_new = meter is None
    if meter is None:
        more = {} if home else {"building": row.building}
        meter = new_meter(
            home, community_id, row.kind, now=now, name=row.name, number=row.number, ratio=row.ratio or "1", **more
        )
    if row.now is None:
        plan.unread.append(
            f"{row.cell('now')} {label_of(meter)}：没有抄到{'（' + row.remark + '）' if row.remark else ''}"
        )
        return
    shown = known.shown.setdefault(meter, [])
    problem = _settle_start(meter, shown, row) or _problem(meter, shown, row)
    if problem:
        plan.refusals.append(problem)
        return
    if is_new:
        known.meters[known.key(meter)] = meter
        plan.meters.append(meter)
    there = next((one for one in shown if one.on == row.day), None)
    if there is not None and there.value == row.now:
        plan.unchanged += 0 if is_new else 1
        return
    plan.readings.append((meter, row))
    shown.append(Shown(row.day, row.now, row.rolled, row.replaced, row.estimated))


def _settle_start(meter: Meter, shown: list[Shown], row: ReadingRow) -> str:
    """A meter nobody has counted yet begins with the sheet's 上期, a month earlier, or else with this reading itself."""
    if shown or row.now is None:
        return ""
    value, day = (row.now, row.day) if row.before is None else (row.before, months_later(row.day, -1))
    meter.start, meter.start_on = parts_of(value), day
    shown.append(Shown(day, value))
    return ""


def _problem(meter: Meter, shown: Sequence[Shown], row: ReadingRow) -> str:
    """Why a line cannot be taken as it stands, with its cell; "" when it can."""
    assert row.now is not None
    earlier = [one for one in shown if one.on < row.day]
    where, said = f"{row.cell('now')} 本期读数「{counted(row.now)}」", label_of(meter)
    if shown[-1].on > row.day:
        return f"{row.cell('day')} 抄表日期「{row.day}」：{said}在{shown[-1].on}已经抄过"
    if not earlier:
        return ""
    last = earlier[-1]
    if row.before is not None and row.before != last.value:
        return f"{row.cell('before')} 上期读数「{counted(row.before)}」：系统里{said}上期是{counted(last.value)}"
    if row.now < last.value and row.rolled and row.replaced is None and meter.digits is None:
        meter.digits = len(str(int(last.value)))
    usual = usual_use([one.value for one in earlier])
    try:
        ratio = ratio_in(meter.ratio)
        used = use_between(
            last.value, row.now, ratio=ratio, replaced=row.replaced, digits=meter.digits,
            rolled_over=row.rolled, usual=usual * ratio if usual is not None else None,
        )  # fmt: skip
    except Doubtful as doubtful:
        hint = "表走满一圈请在备注写「走满一圈」；换了表请写「换表 旧表… 新表…」" if row.now < last.value else ""
        return f"{where}：{said}上期{counted(last.value)}，{str(doubtful).rstrip('。')}。{hint}".rstrip("。") + "。"
    odd = [] if row.replaced or row.rolled or row.checked else doubts([one.value for one in earlier], row.now)
    if odd:
        return f"{where}：{said}上期{counted(last.value)}，{'；'.join(odd)}。看过没错就在备注写「已核对」。"
    if row.used is not None and row.used != used:
        return f"{row.cell('used')} 用量「{counted(row.used)}」：按读数算是{counted(used)}，请核对"
    return ""


def import_readings(
    session: Session, community: Community, rows: Sequence[ReadingRow], *, now: datetime, by: str, source: str
) -> ReadingsPlan:
    """Write what `plan_readings` says, as the books are now. Raises Refusal when something stands in the way by now."""
    # Two sheets at once for one compound wait for each other; both would add the same readings otherwise.
    session.execute(sa.select(Community.id).where(Community.id == community.id).with_for_update())
    plan = plan_readings(session, community.id, rows, now=now)
    if plan.refusals:
        raise Refusal(f"有 {len(plan.refusals)} 处和系统里的对不上，什么也没有写入。请再导一次看看是哪里。")
    session.add_all(plan.meters)
    session.flush()
    number = {id(meter): meter.id for meter, _ in plan.readings}
    taken: dict[tuple[int, Any], int] = {
        (meter, on): seq
        for meter, on, seq in session.execute(
            sa.select(Reading.meter_id, Reading.on, sa.func.max(Reading.seq))
            .where(Reading.meter_id.in_(sorted(set(number.values()))))
            .group_by(Reading.meter_id, Reading.on)
        )
    }
    values = [_row(meter.id, row, taken.get((meter.id, row.day), -1) + 1, by, now) for meter, row in plan.readings]
    if values:
        session.execute(sa.insert(Reading), values)
    record(
        session, at=now, actor=by, action="import_readings", subject=f"community:{community.id}", source=source,
        company_id=community.company_id,
        details={"meters": len(plan.meters), "readings": len(values), "unchanged": plan.unchanged},
    )  # fmt: skip
    return plan


def _row(meter_id: int, row: ReadingRow, seq: int, by: str, now: datetime) -> dict[str, Any]:
    replaced = row.replaced
    return {
        "meter_id": meter_id, "on": row.day, "seq": seq, "value": parts_of(row.now or Fraction(0)), "rolled": row.rolled,
        "old_end": parts_of(replaced.old_end) if replaced else None,
        "new_start": parts_of(replaced.new_start) if replaced else None,
        "estimated": row.estimated, "void": False, "photo": "", "note": row.remark, "source": "import", "by": by, "at": now,
    }  # fmt: skip


def _homes(session: Session, community_id: int) -> dict[tuple[str, str, str], Home]:
    homes = session.scalars(sa.select(Home).where(Home.community_id == community_id))
    found = {(home.building, home.entrance, home.room): home for home in homes}
    # A ledger may leave the entrance out where a building has only one of that room.
    short: dict[tuple[str, str, str], list[Home]] = {}
    for home in found.values():
        short.setdefault((home.building, "", home.room), []).append(home)
    return {**{key: those[0] for key, those in short.items() if len(those) == 1}, **found}


def _kind_of(session: Session, community_id: int) -> str:
    """What a sheet that does not say it is about: the only kind of meter there is, else the only one that is charged, else water."""
    kinds = session.scalars(sa.select(Meter.kind).where(Meter.community_id == community_id).distinct()).all()
    if len(kinds) == 1:
        return kinds[0]
    charged = session.scalars(
        sa.select(FeeItem.code)
        .join(Tariff, Tariff.item_id == FeeItem.id)
        .where(Tariff.community_id == community_id, Tariff.formula == "meter", Tariff.until_day.is_(None))
    ).all()
    return KIND_OF_ITEM.get(charged[0], "water") if len(charged) == 1 else "water"


def findings_of(name: str, sheet: ReadingSheet, plan: ReadingsPlan) -> dict[str, Any]:
    """What is kept with an import of readings and shown on its page, as for any other ledger (models/imports/findings.py)."""
    refused = [*sheet.refusals, *plan.refusals]
    changes = [f"新登记 {len(plan.meters)} 块表，记 {len(plan.readings)} 个读数，不变 {plan.unchanged} 个。"]
    changes += [
        f"  {label_of(meter)} {row.day} {counted(row.now)}"
        for meter, row in plan.readings[:SHOWN]
        if row.now is not None
    ]
    if len(plan.readings) > SHOWN:
        changes.append(f"  …… 还有 {len(plan.readings) - SHOWN} 个")
    return {
        "read": [f"读了「{name}」：{len(sheet.rows)} 行读数。"],
        "warnings": [*plan.notices, *(f"没抄到：{unread}" for unread in plan.unread[:SHOWN])],
        "changes": changes,
        "nothing_new": plan.changes_nothing,
        "refused": len(refused),
        "cells": [_cell(refusal) for refusal in refused[:KEPT]],
    }


def _cell(refusal: str) -> dict[str, str]:
    """水表!D3 本期读数「12」：… taken apart, as the page of an import shows a refused cell."""
    where, _, rest = refusal.partition(" ")
    about, _, reason = rest.partition("：")
    column, _, value = about.partition("「")
    return {"where": where, "column": column, "value": value.rstrip("」"), "reason": reason or rest}
