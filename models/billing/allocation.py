"""公摊: a common cost shared out to the last fen (domain rules 1.6; law: 民法典 §283, agreed method first, else by area).

Everybody gets the whole fen of their exact share; the fen that are left go to the largest remainders. Two with the same
remainder: the one that stands first (homes are handed in by building, entrance, room), so the same cost gives the same sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

WORST_LOSS = Fraction(
    15, 100
)  # more than this between the master meter and the others means that something was misread


class CannotAllocate(Exception):
    """Nothing may be shared out; the message says why, in words for the manager."""


@dataclass(frozen=True)
class Share:
    """What one home pays. `exact` is in fen before the last fen was given; `extra` is 1 for who got one of those."""

    fen: int
    exact: Fraction
    extra: int


def allocate(total: int, weights: Sequence[Fraction]) -> list[Share]:
    """Share `total` fen by weight; the shares sum to `total` exactly, a weight of 0 pays 0.

    A credit (negative total) is shared like a cost and turned round. Raises CannotAllocate without any weight, and for a
    negative one.
    """
    if any(weight < 0 for weight in weights):
        raise CannotAllocate("有一户的权重是负数，请先改正。")
    whole = sum(weights, Fraction(0))
    if not whole:
        raise CannotAllocate("没有一户有权重（面积、用量都是空的），分不了。")
    exact = [abs(total) * weight / whole for weight in weights]
    floors = [share.numerator // share.denominator for share in exact]
    left = abs(total) - sum(floors)
    by_remainder = sorted(range(len(exact)), key=lambda place: (floors[place] - exact[place], place))
    lucky = set(by_remainder[:left])
    sign = -1 if total < 0 else 1
    return [
        Share(sign * (floor + (place in lucky)), sign * share, int(place in lucky))
        for place, (floor, share) in enumerate(zip(floors, exact, strict=True))
    ]


def mixed_weights(areas: Sequence[Fraction], area_part: Fraction) -> list[Fraction]:
    """Part by area, the rest equally: `area_part` from 0 to 1. A home without area still pays its equal part.

    Raises CannotAllocate when there is an area part and nobody has an area.
    """
    if not areas:
        return []
    whole = sum(areas, Fraction(0))
    if area_part and not whole:
        raise CannotAllocate("没有一户有面积，不能按面积分。")
    equal = (1 - area_part) / len(areas)
    return [(area_part * area / whole if area_part else Fraction(0)) + equal for area in areas]


def loss_of(master: Fraction, meters: Sequence[Fraction]) -> Fraction:
    """What the master meter counted and no other did, in the meter's unit.

    Raises CannotAllocate when it is negative or above `WORST_LOSS` of the master: then somebody must read again.
    """
    loss = master - sum(meters, Fraction(0))
    if loss < 0:
        raise CannotAllocate("分表加起来比总表还多，请重新抄表。")
    if loss > WORST_LOSS * master:
        raise CannotAllocate(f"总表和分表差了{_percent(loss / master)}%，超过15%，请重新抄表。")
    return loss


def _percent(part: Fraction) -> str:
    tenths = part * 1000
    return f"{tenths.numerator // tenths.denominator / 10:.1f}"
