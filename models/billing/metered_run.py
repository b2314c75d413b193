"""The metered lines of a slice of homes: a handful of questions for all of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models.billing.cycles import Cycle
from models.billing.figures import parts_of, units
from models.billing.lines import Price
from models.billing.meter_tables import BilledUse, Meter, Reading
from models.billing.metered import KIND_NAMES, KIND_OF_ITEM, Charged, Shown, Use, charge, tiers_from, use_of
from models.billing.meters import Doubtful, Replacement, ratio_in
from models.billing.tables import Bill, FeeItem, Tariff
from models.money import Rounding

NO_READING = "没有本期读数"
AROUND = timedelta(days=5)  # a reading up to so many days after the first one still is where counting begins
COUNTED_LATER = timedelta(days=10)  # a round that ends a few days into the next month still reads the month before


@dataclass(frozen=True)
class MeteredLine:
    """A home's line, and what it counted of each meter."""

    charged: Charged
    uses: tuple[tuple[int, Use], ...]


def metered_lines(
    session: Session,
    tariff: Tariff,
    prices: Sequence[Price],
    charged: Mapping[int, date],
    cycle: Cycle,
    *,
    without: int | None = None,
) -> dict[int, MeteredLine | str]:
    """Home → its line for a period, or why it cannot be billed.

    `charged`: home → the day from which it pays; what was used before is nobody's business here. `without`: as if that bill had
    never counted anything, since this line takes its place.
    """
    homes = list(charged)
    code = session.scalars(sa.select(FeeItem.code).where(FeeItem.id == tariff.item_id)).one()
    kind = KIND_OF_ITEM.get(code, "water")
    meters = _meters(session, homes, kind)
    numbers = [meter.id for those in meters.values() for meter in those]
    billed = _billed(session, numbers, without)
    readings = readings_of(session, numbers, until=cycle.end + COUNTED_LATER)
    before = _used_this_year(session, tariff.item_id, homes, cycle.end.year, without)
    found: dict[int, MeteredLine | str] = {}
    for home in homes:
        if home not in meters:
            found[home] = f"没有登记{KIND_NAMES[kind]}"
            continue
        uses = _uses(meters[home], billed, readings, max(charged[home], tariff.from_day) + AROUND)
        if isinstance(uses, str):
            found[home] = uses
            continue
        stale = all(use.upto.on < cycle.start and not use.used for _, use in uses)
        line = _line(tariff, prices, kind, uses, before.get(home, Fraction(0)))
        # Nothing used until a reading of long ago says nothing of this period.
        found[home] = NO_READING if stale else line
    return found


def _line(
    tariff: Tariff, prices: Sequence[Price], kind: str, uses: list[tuple[int, Use]], before: Fraction
) -> MeteredLine | str:
    """The price is that of the day the last meter was read."""
    read = max(use.upto.on for _, use in uses)
    price = next((price.fen for price in reversed(prices) if price.valid_from <= read), None)
    if price is None:
        return "这段时间没有单价"
    span = str(tariff.tiers.get("span", ""))
    try:
        tiers = tiers_from(tariff.tiers, price)
        charged = charge(
            kind, [use for _, use in uses], tiers, span=span, used_before=before, rounding=Rounding(tariff.rounding)
        )
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return "阶梯价登记得不对"
    return MeteredLine(charged, tuple(uses))


def _uses(
    meters: Sequence[Meter], billed: dict[int, Shown], readings: dict[int, list[Shown]], begin: date
) -> list[tuple[int, Use]] | str:
    """Every meter of the home, or why not: with one missing the home is not billed at all, so that nothing is billed twice."""
    uses = []
    for meter in meters:
        first = start_of(meter)
        before = [one for one in ([first] if first else []) + readings.get(meter.id, []) if one.on <= begin]
        since = billed.get(meter.id) or (before[-1] if before else first)
        if since is None:
            return "表的起始读数还没有登记"
        later = [reading for reading in readings.get(meter.id, ()) if reading.on > since.on]
        if not later:
            return NO_READING
        name = meter.name if len(meters) > 1 else ""
        try:
            ratio = ratio_in(meter.ratio)
        except Doubtful:
            return "表的倍率登记得不对"
        try:
            use = use_of(name, since, later, ratio=ratio, digits=meter.digits)
        except Doubtful:
            return "读数和上期对不上"
        uses.append((meter.id, use))
    return uses


def start_of(meter: Meter) -> Shown | None:
    if meter.start is None or meter.start_on is None:
        return None
    return Shown(meter.start_on, units(meter.start))


def _meters(session: Session, homes: Sequence[int], kind: str) -> dict[int, list[Meter]]:
    found: dict[int, list[Meter]] = {}
    for meter in session.scalars(
        sa.select(Meter).where(Meter.home_id.in_(homes), Meter.kind == kind).order_by(Meter.id)
    ):
        found.setdefault(meter.home_id or 0, []).append(meter)
    return found


def counts() -> sa.ColumnElement[bool]:
    """Bills whose use stays counted: those that are owed, and the row that took one back for good (models/payments/rebilling.py)."""
    return sa.or_(Bill.state.in_(("posted", "draft")), Bill.reverses.is_not(None))


def _billed(session: Session, meters: Sequence[int], without: int | None) -> dict[int, Shown]:
    """Meter → up to where it has been billed."""
    rows = session.execute(
        sa.select(BilledUse.meter_id, BilledUse.upto_on, BilledUse.upto)
        .join(Bill, Bill.id == BilledUse.bill_id)
        .where(BilledUse.meter_id.in_(meters), counts(), Bill.id.is_distinct_from(without))
        .order_by(BilledUse.meter_id, BilledUse.upto_on)
    )
    return {meter: Shown(on, units(upto)) for meter, on, upto in rows}


def valid_readings() -> sa.Select[Reading]:
    """Readings that hold: the last word about each day, unless that took it back."""
    later = aliased(Reading)
    superseded = sa.exists().where(later.meter_id == Reading.meter_id, later.on == Reading.on, later.seq > Reading.seq)
    return sa.select(Reading).where(~superseded, Reading.void.is_(False))


def readings_of(
    session: Session, meters: Sequence[int], *, until: date | None = None, after: date | None = None
) -> dict[int, list[Shown]]:
    """Meter → its readings that hold, the oldest first."""
    query = valid_readings().where(Reading.meter_id.in_(meters)).order_by(Reading.meter_id, Reading.on)
    if until is not None:
        query = query.where(Reading.on <= until)
    if after is not None:
        query = query.where(Reading.on > after)
    found: dict[int, list[Shown]] = {}
    for reading in session.scalars(query):
        found.setdefault(reading.meter_id, []).append(shown_by(reading))
    return found


def shown_by(reading: Reading) -> Shown:
    replaced = None
    if reading.old_end is not None and reading.new_start is not None:
        replaced = Replacement(units(reading.old_end), units(reading.new_start))
    return Shown(reading.on, units(reading.value), reading.rolled, replaced, reading.estimated)


def _used_this_year(
    session: Session, item_id: int, homes: Sequence[int], year: int, without: int | None
) -> dict[int, Fraction]:
    """Home → units billed of this item with a period that ended in this year: what a yearly tier goes on from."""
    rows = session.execute(
        sa.select(Bill.home_id, sa.func.sum(BilledUse.used))
        .join(Bill, Bill.id == BilledUse.bill_id)
        .where(
            Bill.home_id.in_(homes),
            Bill.item_id == item_id,
            Bill.state.in_(("posted", "draft")),
            Bill.end.between(date(year, 1, 1), date(year, 12, 31)),
            Bill.id.is_distinct_from(without),
        )
        .group_by(Bill.home_id)
    )
    return {home: units(int(used)) for home, used in rows}


def uses_of_bills(session: Session, run_id: int, item_id: int, lines: dict[int, MeteredLine]) -> list[dict[str, Any]]:
    """The rows that say up to where the bills just drafted have counted. A bill that was there before has its own."""
    bills = session.execute(
        sa.select(Bill.id, Bill.home_id)
        .outerjoin(BilledUse, BilledUse.bill_id == Bill.id)
        .where(
            Bill.run_id == run_id, Bill.item_id == item_id, Bill.home_id.in_(list(lines)), BilledUse.bill_id.is_(None)
        )
    ).all()
    return [use_row(bill, meter, use) for bill, home in bills for meter, use in lines[home].uses]


def use_row(bill: int, meter: int, use: Use) -> dict[str, Any]:
    return {
        "bill_id": bill, "meter_id": meter, "since": parts_of(use.since.value), "upto": parts_of(use.upto.value),
        "upto_on": use.upto.on, "used": _rounded_parts(use.used),
    }  # fmt: skip


def _rounded_parts(used: Fraction) -> int:
    """A ratio may have decimals of its own; the sum of the year is kept to 1/10000."""
    return round(used * 10_000)
