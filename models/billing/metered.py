"""What a meter's use costs: each reading told, the tiers it falls in, and everything kept so that it can be told again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from models.billing.meters import Replacement, use_between
from models.billing.tiers import Tier, steps_of
from models.money import Rounding, rounded

# Which meter an item is charged by, and in what it counts.
KIND_OF_ITEM = {"WATER": "water", "ELEC": "electric", "GAS": "gas", "HEAT": "heat"}
KIND_NAMES = {"water": "水表", "electric": "电表", "gas": "燃气表", "heat": "热表"}
UNITS = {"water": "吨", "electric": "度", "gas": "方", "heat": "度"}


@dataclass(frozen=True)
class Shown:
    """What a meter showed on a day, with what was said about it then."""

    on: date
    value: Fraction
    rolled: bool = False
    replaced: Replacement | None = None
    estimated: bool = False


@dataclass(frozen=True)
class Use:
    """One meter from where it was billed last to its newest reading."""

    name: str
    since: Shown
    upto: Shown
    ratio: Fraction
    used: Fraction
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Charged:
    """The line of one home."""

    fen: int
    basis: dict[str, Any]


def use_of(name: str, since: Shown, readings: Sequence[Shown], *, ratio: Fraction, digits: int | None) -> Use:
    """Through every reading after `since`, the oldest first, so that a new meter in between is counted. Raises Doubtful."""
    used, at, remarks = Fraction(0), since, []
    for reading in readings:
        used += use_between(
            at.value, reading.value, ratio=ratio, replaced=reading.replaced, digits=digits, rolled_over=reading.rolled
        )
        if reading.replaced is not None:
            remarks.append(f"{reading.on:%m月%d日}换了表")
        elif reading.value < at.value:
            remarks.append(f"{reading.on:%m月%d日}表走满一圈又从头走")
        at = reading
    if at.estimated:
        remarks.append("这次读数是估的，下次按实际的补回来")
    return Use(name, since, at, ratio, used, tuple(remarks))


def charge(
    kind: str, uses: Sequence[Use], tiers: Sequence[Tier], *, span: str, used_before: Fraction, rounding: Rounding
) -> Charged:
    """`span`: what the tiers are counted in, "year" or "month"; "" for one price. `used_before`: units of the same year."""
    quantity = sum((use.used for use in uses), Fraction(0))
    steps = steps_of(tiers, quantity, used_before if span == "year" else Fraction(0))
    fen = rounded(sum((step.exact for step in steps), Fraction(0)), rounding)
    basis = {
        "formula": "meter",
        "unit": UNITS[kind],
        "quantity": str(quantity),
        "span": span,
        "used_before": str(used_before),
        "steps": [[str(step.quantity), str(step.price)] for step in steps],
        "meters": [_kept(use) for use in uses],
    }
    return Charged(fen, basis)


def tiers_from(kept: Mapping[str, Any], price: Fraction) -> list[Tier]:
    """The tiers of a tariff as they are kept; without any, its one price (fen a unit)."""
    if not kept:
        return [Tier(None, price)]
    return [Tier(None if upto is None else Fraction(upto), Fraction(fen)) for upto, fen in kept["tiers"]]


def _kept(use: Use) -> dict[str, Any]:
    return {
        "name": use.name,
        "since": [use.since.on.isoformat(), str(use.since.value)],
        "upto": [use.upto.on.isoformat(), str(use.upto.value)],
        "ratio": str(use.ratio),
        "used": str(use.used),
        "remarks": list(use.remarks),
    }
