"""阶梯价: what a quantity costs when the price climbs with the year's (or month's) use (domain rules 1.2, E12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Tier:
    """`up_to` is the last unit of this tier (it still belongs to it), None for the open end; `price` in fen a unit."""

    up_to: Fraction | None
    price: Fraction


@dataclass(frozen=True)
class Step:
    """A part of the quantity that lies in one tier."""

    quantity: Fraction
    price: Fraction

    @property
    def exact(self) -> Fraction:
        return self.quantity * self.price


def steps_of(tiers: Sequence[Tier], quantity: Fraction, used_before: Fraction = Fraction(0)) -> list[Step]:
    """How `quantity` falls into the tiers after `used_before` units of the same year. Sum of `exact` is the price in fen.

    Raises ValueError for a negative quantity, and for tiers that do not climb to an open end.
    """
    if quantity < 0 or used_before < 0:
        raise ValueError("a quantity is not negative")
    bounds = [tier.up_to for tier in tiers]
    closed = [bound for bound in bounds[:-1] if bound is not None]
    if not tiers or bounds[-1] is not None or len(closed) != len(tiers) - 1 or closed != sorted(set(closed)):
        raise ValueError("tiers climb, and only the last one has no end")
    steps, at, left = [], used_before, quantity
    for tier in tiers:
        room = left if tier.up_to is None else min(left, max(Fraction(0), tier.up_to - at))
        if room:
            steps.append(Step(room, tier.price))
        at, left = at + room, left - room
    return steps
