"""出账: a month's bills of a compound, as a draft that is checked before anybody hears of it.

A draft grows in slices of homes, each written whole or not at all; a slice that was written is skipped the next time, so a
run that crashed anywhere goes on to the very same rows. Publishing is one statement and one ledger entry.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.alike import Alike, alike, basis_text, fen_of
from models.billing.bill_rows import insert_bills, insert_new
from models.billing.cycles import months_later
from models.billing.discounts import offered
from models.billing.due import DueTariff, first_of
from models.billing.elsewhere import ELSEWHERE, billed_elsewhere
from models.billing.figures import exact_in
from models.billing.lines import Less, Manner, plan_of
from models.billing.meter_tables import BilledUse
from models.billing.metered_run import MeteredLine, metered_lines, uses_of_bills
from models.billing.proration import Proration
from models.billing.tables import Bill, BillingRun, Charge, FeeItem, SkippedHome, Tariff
from models.billing.vacancies import vacant_on
from models.billing.vacancy import PAYS_LESS
from models.db import insert_or_ignore, plain
from models.errors import AlreadyDone
from models.estate.actions import wait_for_other_ledgers
from models.estate.tables import Home
from models.money import Rounding

_NEW: Any = object()  # nobody like this one was there yet
_CODE = sa.select(plain(FeeItem).c.code).where(plain(FeeItem).c.id == sa.bindparam("item", type_=sa.BigInteger))
SLICE = 2_000  # homes of one tariff in one statement
LARGEST = 2**31 - 1  # fen on one bill, as much as its column holds: beyond it an area, a price or a reading is wrong
BEYOND = "算出来的金额不对，请核对面积、读数和单价"


@dataclass(frozen=True)
class Progress:
    """What one slice did. `after` is the last charge that was looked at; None when the run has no more homes."""

    written: int
    skipped: int
    after: int | None


def begin_run(session: Session, community_id: int, period: str, *, by: str, now: datetime) -> BillingRun:
    """The month's run, begun now or found as it was left. Raises AlreadyDone when it has been published.

    `period`: YYYY-MM. Raises Refusal for anything else.
    """
    first_of(period)
    insert_or_ignore(
        session,
        BillingRun,
        {
            "community_id": community_id, "period": period, "state": "draft", "begun_at": now, "bills": 0, "total": 0,
            "by": by,
        },
    )  # fmt: skip
    run = session.scalars(
        sa.select(BillingRun)
        .where(BillingRun.community_id == community_id, BillingRun.period == period)
        .with_for_update()
    ).one()
    if run.state == "published":
        raise AlreadyDone(f"{period}的账单已经发布过了。")
    return run


def write_slice(session: Session, run: BillingRun, due: DueTariff, *, after: int = 0, limit: int = SLICE) -> Progress:
    """Draft bills for the next homes of one tariff, in the order of the homes. Homes billed already stay as they are.

    A ledger of arrears that is just being brought is waited for, so that neither bills a day that the other has billed.
    """
    wait_for_other_ledgers(session, run.community_id)
    elsewhere = billed_elsewhere(session, due.tariff, due.opens, due.closes)
    rows = session.execute(_NEXT_CHARGES, {"tariff": due.tariff.id, "after": after, "limit": limit}).all()
    if due.tariff.formula == "meter":
        return _write_metered(session, run, due, rows, elsewhere, more=len(rows) == limit)
    bills, skipped = [], []
    empty = standing_empty(session, due, rows)
    known = Drafted(due)
    for row in rows:
        found = known.bill_of(row, empty.get(row.home_id, ()))
        if found is not None and row.home_id in elsewhere:
            found = ELSEWHERE
        if isinstance(found, str):
            skipped.append({"run_id": run.id, "charge_id": row.id, "reason": found})
        elif found is not None:
            bills.append((row.home_id, *found))
    written = insert_bills(session, _shared(run, due), bills)
    insert_new(session, SkippedHome, skipped)
    return Progress(written, len(skipped), rows[-1].id if len(rows) == limit else None)


def _charged() -> sa.Select[Any]:
    """Who pays, with what it is worked out from; a home's charges one after the other. Past the session's memory of objects."""
    charge, home = plain(Charge).c, plain(Home).c
    return (
        sa.select(charge.id, charge.home_id, charge.from_day, charge.until_day, charge.pieces, home.area, home.floor)
        .join_from(plain(Charge), plain(Home), home.id == charge.home_id)
        .order_by(charge.home_id, charge.id)
    )


def _next_charges() -> sa.Select[Any]:
    """Along the index of a tariff's homes. In the order of their numbers PostgreSQL would read the charges of all compounds from end
    to end to find these, with every slice anew."""
    charge, last = plain(Charge).c, plain(Charge).alias("last")
    after, tariff = (sa.bindparam(name, type_=sa.BigInteger) for name in ("after", "tariff"))
    home = sa.func.coalesce(sa.select(last.c.home_id).where(last.c.id == after).scalar_subquery(), 0)
    begun = sa.tuple_(charge.home_id, charge.id) > sa.tuple_(home, after)
    return _charged().where(charge.tariff_id == tariff, begun).limit(sa.bindparam("limit", type_=sa.BigInteger))


_NEXT_CHARGES = _next_charges()


def charges_of(session: Session, tariff: Tariff, home_id: int) -> Sequence[Any]:
    """By what a home pays by a tariff: whoever stopped and began again has two."""
    charge = plain(Charge).c
    return session.execute(_charged().where(charge.tariff_id == tariff.id, charge.home_id == home_id)).all()


def standing_empty(session: Session, due: DueTariff, rows: Sequence[Any]) -> dict[int, tuple[Less, ...]]:
    """When which of the homes of these charges stands empty; of the items that get no cheaper by it, none."""
    if not rows or session.scalar(_CODE, {"item": due.tariff.item_id}) != PAYS_LESS:
        return {}
    return vacant_on(session, rows[0].home_id, rows[-1].home_id, due.opens, due.closes)


class Drafted:
    """What was worked out for one slice of one tariff: homes of the same size that are served on the same days pay the same."""

    def __init__(self, due: DueTariff) -> None:
        tariff = due.tariff
        self._due = due
        self._formula = tariff.formula
        self._by_area = tariff.formula == "area"
        self._start = due.cycle.start
        self._manner = Manner(Rounding(tariff.rounding), tariff.month_by_month, Proration(tariff.proration))
        self._served: dict[Any, Alike | None] = {}
        self._bills: dict[Any, tuple[int, str] | str | None] = {}

    def bill_of(self, row: Any, less: tuple[Less, ...]) -> tuple[int, str] | str | None:
        """(fen, basis) of one home, None where nothing is owed, or why it cannot be billed."""
        _, _, since, until, pieces, area, floor = row
        # Who was there before the period began pays like everybody else who was.
        days = (since if since > self._start else self._start, until, less)
        size = (days, area) if self._by_area else (days, pieces, floor)
        found: tuple[int, str] | str | None = self._bills.get(size, _NEW)
        if found is _NEW:
            found = self._bills[size] = self._worked_out(row, days)
        return found

    def _worked_out(self, row: Any, days: tuple[date, date | None, tuple[Less, ...]]) -> tuple[int, str] | str | None:
        quantity = quantity_of(self._due.tariff, area=row.area, floor=row.floor, pieces=row.pieces)
        if isinstance(quantity, str):
            return quantity
        if days not in self._served:
            self._served[days] = self._serve(*days)
        those = self._served[days]
        if those is None:
            return "这段时间没有单价"
        fen, months = fen_of(those, quantity)
        if not fen:
            return None
        if not 0 < fen <= LARGEST:
            return BEYOND
        return _with_offer(self._due, those, fen, months, basis_text(those, quantity, months, self._formula))

    def _serve(self, since: date, until: date | None, less: tuple[Less, ...]) -> Alike | None:
        due = self._due
        try:
            plan = plan_of(
                due.cycle, due.prices, self._manner, since=since, until=until, less=less, held=(due.opens, due.closes)
            )
        except LookupError:
            return None
        return alike(plan, self._manner)


def _with_offer(due: DueTariff, those: Alike, fen: int, months: list[int | None], basis: str) -> tuple[int, str]:
    """What is asked for, and its basis: less what the contract takes off a whole year, as a line of its own; and on which day the
    agreement changed, if that was inside the period."""
    tariff = due.tariff
    if due.changed is not None:
        basis = f"{basis[:-1]}, {json.dumps({'changed': due.changed})[1:]}"
    if not tariff.offer:
        return fen, basis
    full = [month or 0 for month in months] if those.whole and tariff.month_by_month else []
    off = offered(fen, full, tariff.offer, Rounding(tariff.rounding))
    if off is None:
        return fen, basis
    told = json.dumps({"offer": {**tariff.offer, "gross": fen, "off": off.discount}})
    return off.pay, f"{basis[:-1]}, {told[1:]}"


def _write_metered(
    session: Session, run: BillingRun, due: DueTariff, rows: Sequence[Any], elsewhere: Collection[int], *, more: bool
) -> Progress:
    """Bills by meter, postpaid: whoever has no reading is listed and never billed 0. With a bill goes up to where it counted."""
    served = [row for row in rows if row.until_day is None or row.until_day >= due.cycle.start]
    since = {row.home_id: row.from_day for row in served}
    found = metered_lines(session, due.tariff, due.prices, since, due.cycle)
    known = session.scalars(
        sa.select(Bill.home_id).where(
            Bill.run_id == run.id, Bill.item_id == due.tariff.item_id, Bill.home_id.in_([row.home_id for row in served])
        )
    ).all()
    bills, skipped = [], []
    lines: dict[int, MeteredLine] = {}
    for row in served:
        line = ELSEWHERE if row.home_id in elsewhere else found[row.home_id]
        if row.home_id in known:
            continue
        if isinstance(line, str):
            skipped.append({"run_id": run.id, "charge_id": row.id, "reason": line})
        elif not 0 <= line.charged.fen <= LARGEST:
            skipped.append({"run_id": run.id, "charge_id": row.id, "reason": BEYOND})
        elif line.charged.fen:
            lines[row.home_id] = line
            bills.append((row.home_id, line.charged.fen, json.dumps(line.charged.basis)))
    written = insert_bills(session, _shared(run, due), bills)
    insert_new(session, SkippedHome, skipped)
    insert_new(session, BilledUse, uses_of_bills(session, run.id, due.tariff.item_id, lines))
    return Progress(written, len(skipped), rows[-1].id if more else None)


def _shared(run: BillingRun, due: DueTariff) -> dict[str, Any]:
    tariff = due.tariff
    issued = first_of(run.period)
    last_of_month = months_later(issued, 1) - timedelta(days=1)
    return {
        "community_id": run.community_id,
        "item_id": tariff.item_id,
        "tariff_id": tariff.id,
        "run_id": run.id,
        "period": run.period,
        "start": due.opens,
        "end": due.closes,
        "seq": 0,
        "paid": 0,
        "due_on": last_of_month if tariff.due_days is None else issued + timedelta(days=tariff.due_days),
        "state": "draft",
        "reverses": None,
    }


def quantity_of(tariff: Tariff, *, area: int | None, floor: int | None, pieces: int) -> Fraction | str:
    """How much is charged for: m², pieces, or the floor's part; or why that is not known."""
    if tariff.formula == "area":
        return Fraction(area, 100) if area and area > 0 else "没有登记面积"
    if pieces <= 0:
        return "份数登记得不对"
    if tariff.formula == "floor":
        said = tariff.floors.get(str(floor)) if floor is not None else None
        if said is None:
            return "没有这一层的系数"
        part = exact_in(said)
        return part * pieces if part is not None and part >= 0 else "这一层的系数登记得不对"
    return Fraction(pieces)
