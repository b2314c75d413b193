"""Homes that are served on the same days at the same prices: what is theirs together is worked out once, and each pays by its quantity.

Says the very same as `line_of` and `to_basis` (lines.py), fen and text; a run asks here because it has a hundred thousand homes.
"""

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from models.billing.lines import Manner, Stretch, shown_stretch
from models.money import rounded, rounded_part


@dataclass(frozen=True)
class Alike:
    """`units`: exact fen a unit in each month; `pieces`: what a bill keeps of each month's stretches; `whole`: no month is served
    only in part."""

    manner: Manner
    units: tuple[Fraction, ...]
    pieces: tuple[str, ...]
    whole: bool


def alike(plan: tuple[tuple[Stretch, ...], ...], manner: Manner) -> Alike:
    return Alike(
        manner,
        tuple(sum((stretch.unit for stretch in month), Fraction(0)) for month in plan),
        tuple(json.dumps([shown_stretch(stretch) for stretch in month]) for month in plan),
        all(sum(stretch.part for stretch in month) == 1 for month in plan),
    )


def fen_of(those: Alike, quantity: Fraction) -> tuple[int, list[int | None]]:
    """What a home pays, and of each month, if the contract rounds month by month."""
    if those.manner.month_by_month:
        counted, parts, manner = quantity.numerator, quantity.denominator, those.manner.rounding
        months = [rounded_part(counted * unit.numerator, parts * unit.denominator, manner) for unit in those.units]
        return sum(months), list(months)
    return rounded(quantity * sum(those.units, Fraction(0)), those.manner.rounding), [None for _ in those.units]


def basis_text(those: Alike, quantity: Fraction, months: list[int | None], formula: str) -> str:
    """How it was worked out, as the database keeps it."""
    told = ", ".join(
        f'{{"fen": {"null" if fen is None else fen}, "pieces": {pieces}}}'
        for fen, pieces in zip(months, those.pieces, strict=True)
    )
    return f'{{"formula": {_quoted(formula)}, "quantity": "{quantity}", "months": [{told}]}}'


@cache
def _quoted(word: str) -> str:
    return json.dumps(word)
