"""违约金: what being late costs, if the contract asks for anything at all (domain rules 1.8).

Simple interest on what is still open, one rounding at the end, never more than the agreed part of the principal (our own
cap of 100 %: a court would cut what is far above the loss, 民法典 §585). The due day itself does not count (§201).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from models.money import rounded


@dataclass(frozen=True)
class Terms:
    """`rate` is per day, 0 is off. `grace_days` free of charge; `from_grace` counts only the days after them, else all."""

    rate: Fraction = Fraction(0)
    cap: Fraction = Fraction(1)
    grace_days: int = 0
    from_grace: bool = False


OFF = Terms()


@dataclass(frozen=True)
class Stretch:
    """So many days on the same open principal (fen)."""

    principal: int
    days: int
    exact: Fraction


def late_fee(principal: int, due: date, until: date, terms: Terms, payments: Sequence[tuple[date, int]] = ()) -> int:
    """Fen owed for `until` (the day of paying, which counts) on a bill of `principal` fen due on `due`.

    `payments` (day, fen) make the open principal smaller from the day after they came in.
    """
    exact = sum((stretch.exact for stretch in stretches(principal, due, until, terms, payments)), Fraction(0))
    return min(rounded(exact), rounded(terms.cap * principal))


def stretches(
    principal: int, due: date, until: date, terms: Terms, payments: Sequence[tuple[date, int]] = ()
) -> list[Stretch]:
    """The same, step by step, for whoever asks how it was counted. Empty within the days of grace."""
    grace_ends = due + timedelta(days=terms.grace_days)
    if not terms.rate or until <= grace_ends:
        return []
    begin = grace_ends if terms.from_grace else due
    found, left = [], principal
    for day, fen in [*sorted(payments), (until, 0)]:
        end = min(max(day, begin), until)
        days = (end - begin).days
        if days and left > 0:
            found.append(Stretch(left, days, left * terms.rate * days))
        begin, left = end, left - fen
    return found
