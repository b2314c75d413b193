"""One bill line: from price, quantity and the days of service to fen, with every step kept so that it can be told again.

Rounded once a month (or once in all, as the contract says) from the exact value, never from a price already rounded
(domain rules 1.4). A price that changes inside a month splits it by days (1.5); a home handed over inside a month pays
for it as the contract says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from models.billing.cycles import Cycle
from models.billing.proration import Proration, part_of_first_month
from models.money import Rounding, rounded


@dataclass(frozen=True)
class Price:
    """Exact fen a unit and month, from a day on."""

    valid_from: date
    fen: Fraction


@dataclass(frozen=True)
class Manner:
    """How the contract counts."""

    rounding: Rounding = Rounding.FEN_HALF_UP
    month_by_month: bool = True
    proration: Proration = Proration.NEXT_MONTH


@dataclass(frozen=True)
class Stretch:
    """Days of one month at one price, whatever the quantity: `part` of the month, of whose price `pays` is paid; a `unit` of what is
    charged for comes to so many fen."""

    start: date
    end: date
    part: Fraction
    price: Fraction
    pays: Fraction
    unit: Fraction


@dataclass(frozen=True)
class Piece:
    """A stretch of one month for one home, which comes to `exact` fen. `pays`: the part of the price that is paid, less than all of
    it while the home stands empty."""

    start: date
    end: date
    part: Fraction
    price: Fraction
    exact: Fraction
    pays: Fraction = Fraction(1)


@dataclass(frozen=True)
class Month:
    """One month of the period. `fen` is rounded here if the contract rounds month by month, else None."""

    pieces: tuple[Piece, ...]
    fen: int | None

    @property
    def exact(self) -> Fraction:
        return sum((piece.exact for piece in self.pieces), Fraction(0))


@dataclass(frozen=True)
class Line:
    """What a home owes for one item and period. Nothing was served: no months, 0 fen, and so no bill."""

    quantity: Fraction
    months: tuple[Month, ...]
    fen: int


@dataclass(frozen=True)
class Less:
    """On these days, both included (None: until further notice), only a part of the price is paid."""

    since: date
    until: date | None
    pays: Fraction


def line_of(
    cycle: Cycle,
    quantity: Fraction,
    prices: Sequence[Price],
    manner: Manner,
    *,
    since: date,
    until: date | None = None,
    less: Sequence[Less] = (),
) -> Line:
    """`quantity` units (m², pieces, weighted by floor) served from `since` (the day of the handover) to `until`, both included.

    Raises LookupError when no price holds for one of the days.
    """
    months = []
    for stretches in plan_of(cycle, prices, manner, since=since, until=until, less=less):
        pieces = tuple(Piece(s.start, s.end, s.part, s.price, quantity * s.unit, s.pays) for s in stretches)
        exact = sum((piece.exact for piece in pieces), Fraction(0))
        months.append(Month(pieces, rounded(exact, manner.rounding) if manner.month_by_month else None))
    in_all = sum((month.exact for month in months), Fraction(0))
    fen = sum(month.fen or 0 for month in months) if manner.month_by_month else rounded(in_all, manner.rounding)
    return Line(quantity, tuple(months), fen)


def plan_of(
    cycle: Cycle,
    prices: Sequence[Price],
    manner: Manner,
    *,
    since: date,
    until: date | None = None,
    less: Sequence[Less] = (),
    held: tuple[date, date] | None = None,
) -> tuple[tuple[Stretch, ...], ...]:
    """The stretches of each month in which anything is served: the same for every home that is served on the same days.

    `held`: the first and the last day of the period on which the agreement holds. It may begin and end inside a month, of which so
    many days are charged for; that is no handover, which is counted as the contract says.
    """
    holds = held or (cycle.start, cycle.end)
    each = (_within_month(month, prices, manner, since, until, less, holds) for month in cycle.months())
    return tuple(stretches for stretches in each if stretches)


def _within_month(
    month: Cycle,
    prices: Sequence[Price],
    manner: Manner,
    since: date,
    until: date | None,
    less: Sequence[Less],
    holds: tuple[date, date],
) -> tuple[Stretch, ...]:
    begin, end = max(month.start, since, holds[0]), min(month.end, until or month.end, holds[1])
    if begin > end:
        return ()
    # How much a day of service counts: its share of the month, unless the contract has its own way for the first month.
    a_day = Fraction(1, month.days)
    # Whoever pays from the first day of the agreement was there before it.
    if month.start < since != holds[0] and manner.proration is not Proration.ACTUAL_DAYS:
        a_day = part_of_first_month(since, manner.proration, month) / ((month.end - since).days + 1)
    if not a_day:
        return ()
    found = []
    for price, start, stop in _stretches(prices, begin, end):
        for begun, ended, pays in _paid_less(less, start, stop):
            part = a_day * ((ended - begun).days + 1)
            found.append(Stretch(begun, ended, part, price.fen, pays, price.fen * part * pays))
    return tuple(found)


def _paid_less(less: Sequence[Less], start: date, stop: date) -> list[tuple[date, date, Fraction]]:
    """The stretch, cut where what is paid changes."""
    edges = {one.since for one in less} | {one.until + timedelta(days=1) for one in less if one.until is not None}
    begins = [start, *sorted(day for day in edges if start < day <= stop)]
    ends = [*(day - timedelta(days=1) for day in begins[1:]), stop]
    return [(begun, ended, _pays_on(less, begun)) for begun, ended in zip(begins, ends, strict=True)]


def _pays_on(less: Sequence[Less], day: date) -> Fraction:
    held = (one.pays for one in less if one.since <= day and (one.until is None or day <= one.until))
    return next(held, Fraction(1))


def _stretches(prices: Sequence[Price], begin: date, end: date) -> list[tuple[Price, date, date]]:
    """Which price holds from when to when. Raises LookupError when none holds on one of the days."""
    if not prices:
        raise LookupError("there is no price")
    by_day = sorted(prices, key=lambda price: price.valid_from)
    starts = [max(price.valid_from, begin) for price in by_day]
    stops = [min(later.valid_from - timedelta(days=1), end) for later in by_day[1:]] + [end]
    found = [each for each in zip(by_day, starts, stops, strict=True) if each[1] <= each[2]]
    if not found or found[0][1] > begin:
        raise LookupError("no price holds for this day")
    return found


# --- kept with the bill, and read again for whoever asks ---------------------------------------------------------------


def to_basis(line: Line, formula: str) -> dict[str, Any]:
    """Plain values: the quantity, and for each stretch its dates, part of a month and price in fen, all exact as text."""
    return {
        "formula": formula,
        "quantity": str(line.quantity),
        "months": [
            {"fen": month.fen, "pieces": [shown_stretch(piece) for piece in month.pieces]} for month in line.months
        ],
    }


def shown_stretch(piece: Piece | Stretch) -> list[str]:
    """[first day, last day, part of the month, price], and what of it is paid, if that is less than all."""
    less = [] if piece.pays == 1 else [str(piece.pays)]
    return [piece.start.isoformat(), piece.end.isoformat(), str(piece.part), str(piece.price), *less]


def from_basis(basis: Mapping[str, Any], fen: int) -> Line:
    """The line as it was worked out on the day it was billed."""
    quantity = Fraction(basis["quantity"])
    months = tuple(
        Month(tuple(_piece(quantity, *piece) for piece in month["pieces"]), month["fen"]) for month in basis["months"]
    )
    return Line(quantity, months, fen)


def _piece(quantity: Fraction, start: str, end: str, part: str, price: str, pays: str = "1") -> Piece:
    share, fen, paid = Fraction(part), Fraction(price), Fraction(pays)
    return Piece(date.fromisoformat(start), date.fromisoformat(end), share, fen, quantity * fen * share * paid, paid)
