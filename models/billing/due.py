"""Which tariffs are billed in a month, and for which days: whole periods, or what of a period an agreement holds for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.cycles import Cycle, cycle_with, months_later
from models.billing.lines import Price
from models.billing.tables import Tariff, TariffPrice
from models.errors import Refusal

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DueTariff:
    """A tariff with the period that is billed in this month. `opens` and `closes`: the days of it on which the agreement holds, all
    of them unless it begins or ends inside; months are those of the whole period."""

    tariff: Tariff
    cycle: Cycle
    prices: tuple[Price, ...]
    opens: date
    closes: date

    @property
    def changed(self) -> list[str] | None:
        """The first day of another agreement inside the period, and which of the two this is; None: there is none."""
        if self.opens != self.cycle.start:
            return [self.opens.isoformat(), "after"]
        if self.closes != self.cycle.end:
            return [(self.closes + _A_DAY).isoformat(), "before"]
        return None


def due_tariffs(session: Session, community_id: int, period: str) -> list[DueTariff]:
    """What is billed in this month: prepaid periods that begin in it, others that ended in the month before."""
    month = first_of(period)
    tariffs = session.scalars(
        sa.select(Tariff).where(Tariff.community_id == community_id).order_by(Tariff.item_id, Tariff.from_day)
    ).all()
    ended = {(tariff.item_id, tariff.until_day) for tariff in tariffs}
    found = []
    for tariff in tariffs:
        follows = (tariff.item_id, tariff.from_day - _A_DAY) in ended
        for part in parts_of(
            tariff, follows=follows, since=months_later(month, -1), until=months_later(month, 1) - _A_DAY
        ):
            if due_month(part, in_advance=tariff.in_advance) == month:
                found.append(DueTariff(tariff, part.cycle, prices_of(session, tariff.id), part.opens, part.closes))
    return found


@dataclass(frozen=True)
class Part:
    """The days of a period on which a tariff holds, both included."""

    cycle: Cycle
    opens: date
    closes: date


def parts_of(tariff: Tariff, *, follows: bool, since: date, until: date) -> Iterator[Part]:
    """The periods of a tariff that have one of these days, each with the days on which the tariff holds.

    An agreement that `follows` another begins where that ends, on any day. The first one of an item begins with a period.
    """
    day = since
    while day <= until:
        cycle = cycle_with(tariff.anchor, tariff.cycle_months, day)
        opens, closes = max(cycle.start, tariff.from_day), min(cycle.end, tariff.until_day or cycle.end)
        if opens <= closes and (follows or opens == cycle.start):
            yield Part(cycle, opens, closes)
        day = cycle.end + _A_DAY


def due_month(part: Part, *, in_advance: bool) -> date:
    """The first day of the month in whose run this part is billed."""
    return part.opens.replace(day=1) if in_advance else months_later(part.closes.replace(day=1), 1)


def prices_of(session: Session, tariff_id: int) -> tuple[Price, ...]:
    rows = session.execute(
        sa.select(TariffPrice.valid_from, TariffPrice.price)
        .where(TariffPrice.tariff_id == tariff_id)
        .order_by(TariffPrice.valid_from)
    )
    return tuple(Price(day, Fraction(price, 100)) for day, price in rows)


def first_of(period: str) -> date:
    """The first day of a month written YYYY-MM. Raises Refusal."""
    try:
        return datetime.strptime(period, "%Y-%m").date()  # noqa: DTZ007 (a day has no zone)
    except ValueError:
        raise Refusal("月份请写成 2026-03 这样。") from None
