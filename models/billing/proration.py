"""按日折算: what is due for a month that somebody had a home for only in part (domain rules 1.5).

The day of the handover belongs to the new party, and both ends of a stretch of service count.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from models.billing.cycles import Cycle
from models.money import Rounding, rounded


class Proration(StrEnum):
    """How a contract counts the month of the handover. In several cities it is free by ordinance (北京 §22, 上海 §49)."""

    NEXT_MONTH = "next_month"
    ACTUAL_DAYS = "actual_days"
    DAYS_30 = "days_30"
    HALF_MONTH = "half_month"
    FULL_MONTH = "full_month"


@dataclass(frozen=True)
class Split:
    """A month of two parties; the two always sum to the month's amount."""

    before: int
    after: int


def part_of_first_month(handover: date, mode: Proration, month: Cycle | None = None) -> Fraction:
    """Which part of a whole month is due for the month in which the home was handed over: 0 to 1.

    `month` is the one that is billed where it is not that of the calendar: in old books it may go from the 15th to the 14th.
    """
    length = monthrange(handover.year, handover.month)[1] if month is None else month.days
    days = length - handover.day + 1 if month is None else (month.end - handover).days + 1
    match mode:
        case Proration.NEXT_MONTH:
            return Fraction(0)
        case Proration.ACTUAL_DAYS:
            return Fraction(days, length)
        case Proration.DAYS_30:
            return Fraction(1) if days == length else min(Fraction(1), Fraction(days, 30))
        case Proration.HALF_MONTH:
            return Fraction(1) if length - days < 15 else Fraction(1, 2)
        case Proration.FULL_MONTH:
            return Fraction(1)


def first_month(exact_month: Fraction, handover: date, mode: Proration, rounding: Rounding) -> int:
    """Fen for the month of the handover, from the exact monthly price (fen), rounded once."""
    return rounded(exact_month * part_of_first_month(handover, mode), rounding)


def split_at(exact_month: Fraction, month_fen: int, transfer: date, rounding: Rounding) -> Split:
    """A home changes hands on `transfer`: the seller pays the days before it, the buyer what is left of the month's amount."""
    length = monthrange(transfer.year, transfer.month)[1]
    before = rounded(exact_month * Fraction(transfer.day - 1, length), rounding)
    return Split(before, month_fen - before)
