"""收缴率: four honest rates, each by net receivable and by what has really come in (domain rules 1.13).

Prepayments count only once they are used for a bill, late fees never. Without anything due there is no rate.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from models.billing.cycles import months_later


@dataclass(frozen=True)
class Takings:
    """Fen of one period. `due` net of waivers, `received` for it; `arrears` open at its start, `cleared` of them within it."""

    due: int
    received: int
    arrears: int
    cleared: int
    homes_billed: int = 0
    homes_clear: int = 0


def current_rate(takings: Takings) -> Fraction | None:
    """当期收缴率."""
    return _rate(takings.received, takings.due)


def arrears_rate(takings: Takings) -> Fraction | None:
    """往期清欠率."""
    return _rate(takings.cleared, takings.arrears)


def overall_rate(takings: Takings) -> Fraction | None:
    """综合收缴率: both numerators over both denominators."""
    return _rate(takings.received + takings.cleared, takings.due + takings.arrears)


def homes_rate(takings: Takings) -> Fraction | None:
    """户数收缴率: homes that owe nothing of the period, of those that were billed."""
    return _rate(takings.homes_clear, takings.homes_billed)


def _rate(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


# --- 账龄 ---------------------------------------------------------------------------------------------------------------

AGES = ("没到期", "0-3月", "3-6月", "6-12月", "12-24月", "24月以上")
_MONTHS = (3, 6, 12, 24)


def age_of(due: date, today: date) -> str:
    """Which of AGES a debt belongs to that was due on a day; the month it turns three months old in, it is of the second."""
    if due >= today:
        return AGES[0]
    older = sum(months_later(due, months) <= today for months in _MONTHS)
    return AGES[1 + older]
