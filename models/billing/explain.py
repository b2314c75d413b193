"""The true equation of a bill line in words: 89.37平方米 × 1.85元 × 1个月 = 165.3345元，四舍五入到分是165.33元。"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any

from models.billing.explain_meters import meter_compared, meter_equation, share_equation
from models.billing.figures import number, yuan
from models.billing.lines import Line, Month, from_basis
from models.money import Rounding, shown

UNITS = {"area": "平方米", "fixed": "份", "floor": "份"}
ROUNDED = {
    Rounding.FEN_HALF_UP: "四舍五入到分",
    Rounding.JIAO_HALF_UP: "四舍五入到角",
    Rounding.JIAO_FLOOR: "分抹掉",
    Rounding.YUAN_HALF_UP: "四舍五入到元",
    Rounding.YUAN_FLOOR: "角和分抹掉",
}


@dataclass(frozen=True)
class Document:
    """What a price rests on."""

    valid_from: date
    document: str


def equation(basis: Mapping[str, Any], fen: int, rounding: Rounding) -> list[str]:
    """The lines of the equation. Months that are alike are told once: 每个月165.33元，3个月一共495.99元."""
    told = _BY_FORMULA.get(basis["formula"])
    if told is not None:
        return told(basis, fen)
    line = from_basis(basis, fen)
    unit = UNITS.get(str(basis["formula"]), "份")
    said = []
    for (_, month_fen), alike in groupby(line.months, key=lambda month: (_shape(month), month.fen)):
        months = list(alike)
        said += [_piece(line.quantity, unit, months[0], place) for place in range(len(months[0].pieces))]
        said += _sum_of(months, month_fen, rounding)
    if any(month.fen is None for month in line.months):
        exact = sum((month.exact for month in line.months), Fraction(0))
        said.append(f"{len(line.months)}个月一共{yuan(exact)}元{_rounding(exact, fen, rounding)}")
    elif len(line.months) > 1 and len({(_shape(month), month.fen) for month in line.months}) > 1:
        said.append(f"{len(line.months)}个月一共{shown(fen)}")
    return [*said, *_offer(basis, fen), *_changed(basis), *_handover(basis, fen)]


def _offer(basis: Mapping[str, Any], fen: int) -> list[str]:
    """What the contract takes off a year that is paid in advance."""
    if "offer" not in basis:
        return []
    offer = basis["offer"]
    how = f"打{number(Fraction(offer['pays']) * 100)}折" if "pays" in offer else f"免{offer['free_months']}个月"
    return [f"一次交12个月{how}，{shown(offer['gross'])}减去优惠{shown(offer['off'])}，是{shown(fen)}"]


def _changed(basis: Mapping[str, Any]) -> list[str]:
    """Why the period is on two bills."""
    if "changed" not in basis:
        return []
    day, which = basis["changed"]
    if which == "before":
        return [f"{day}起换新的收费标准，这是到前一天为止的，后面的另有一张"]
    return [f"{day}起换了新的收费标准，这是从那天起的，前面的按原来的标准另有一张"]


def _handover(basis: Mapping[str, Any], fen: int) -> list[str]:
    """Why the bill begins or ends on another day than its neighbours'."""
    if "handover" not in basis:
        return []
    day, whole, whose, *first = basis["handover"]
    if whose == "former":
        return [f"{day}过户，整期{shown(whole)}，这是过户前的{shown(fen)}"]
    return [f"{day}过户，整期{shown(whole)}减去过户前的{shown(first[0])}，是{shown(fen)}"]


def bases_compared(this: Mapping[str, Any], fen: int, before: Mapping[str, Any], fen_before: int, name: str) -> str:
    """`compared` for two bills as they were kept. Of what is not worked out by the month only the difference can be told."""
    if "months" in this and "months" in before:
        return compared(from_basis(this, fen), from_basis(before, fen_before), name)
    if fen == fen_before:
        return ""
    why = meter_compared(this, before) if this["formula"] == before["formula"] == "meter" else ""
    return f"{name}{'多' if fen > fen_before else '少'}了{shown(abs(fen - fen_before))}{why}"


def compared(this: Line, before: Line, name: str) -> str:
    """Why an item costs more or less than the period before, in one sentence; "" when it costs the same."""
    if this.fen == before.fen:
        return ""
    way = "多" if this.fen > before.fen else "少"
    reasons = [*_price_reason(this, before), *_quantity_reason(this, before), *_time_reason(this, before)]
    reasons += _empty_reason(this, before)
    why = f"，因为{'、'.join(reasons)}" if reasons else ""
    return f"{name}{way}了{shown(abs(this.fen - before.fen))}{why}"


def price_document(prices: Sequence[Document], on: date) -> str:
    """What the price of that day rests on."""
    return next((price.document for price in reversed(prices) if price.valid_from <= on), "")


def _late_fee(basis: Mapping[str, Any], fen: int) -> list[str]:
    rate = Fraction(basis["rate"])
    counted = [Fraction(principal) * rate * days for principal, days in basis["stretches"]]
    said = [
        f"没交的{shown(principal)} × 每天{number(rate * 100)}% × {days}天 = {yuan(exact)}元"
        for (principal, days), exact in zip(basis["stretches"], counted, strict=True)
    ]
    if len(counted) > 1:
        said.append(f"加起来{yuan(sum(counted, Fraction(0)))}元")
    if basis["before"]:
        said.append(f"减去以前已经算过的{shown(basis['before'])}")
    said.append(f"四舍五入到分，最多不超过欠款的{number(Fraction(basis['cap']) * 100)}%，是{shown(fen)}")
    return said


def _in_words(basis: Mapping[str, Any], fen: int) -> list[str]:
    return [*basis["words"], f"应交{shown(fen)}"]


def _taken_off(basis: Mapping[str, Any], fen: int) -> list[str]:
    return [*basis["words"], f"减去{shown(-fen)}"]


# Formulas that are not worked out by the month; each tells its own equation from what was kept with the bill.
_BY_FORMULA: dict[str, Callable[[Mapping[str, Any], int], list[str]]] = {
    "late_fee": _late_fee,
    "words": _in_words,
    "waiver": _taken_off,
    "meter": meter_equation,
    "share": share_equation,
}


def _shape(month: Month) -> tuple[tuple[Fraction, Fraction, Fraction], ...]:
    return tuple((piece.part, piece.price, piece.pays) for piece in month.pieces)


def _piece(quantity: Fraction, unit: str, month: Month, place: int) -> str:
    piece = month.pieces[place]
    part = f" × {_part(piece.part)}" if piece.part != 1 else ""
    when = f"{piece.start:%m月%d日}到{piece.end:%m月%d日}：" if len(month.pieces) > 1 or piece.part != 1 else ""
    less = f" × {number(piece.pays * 100)}%（空置）" if piece.pays != 1 else ""
    return f"{when}{number(quantity)}{unit} × {yuan(piece.price)}元{part}{less} = {yuan(piece.exact)}元"


def _part(part: Fraction) -> str:
    return f"{part.numerator}/{part.denominator}个月"


def _sum_of(months: Sequence[Month], fen: int | None, rounding: Rounding) -> list[str]:
    if fen is None:
        return []
    exact = months[0].exact
    said = []
    if len(months[0].pieces) > 1 or exact != fen or len(months) > 1:
        one = "每个月" if len(months) > 1 else "这个月"
        said.append(f"{one}{shown(fen)}{_why_rounded(exact, fen, rounding)}")
    if len(months) > 1:
        said.append(f"{len(months)}个月一共{shown(fen * len(months))}")
    return said


def _why_rounded(exact: Fraction, fen: int, rounding: Rounding) -> str:
    return f"（{ROUNDED[rounding]}）" if exact != fen else ""


def _rounding(exact: Fraction, fen: int, rounding: Rounding) -> str:
    return f"，{ROUNDED[rounding]}是{shown(fen)}" if exact != fen else ""


def _price_reason(this: Line, before: Line) -> list[str]:
    old, new = _last_price(before), _last_price(this)
    return [f"单价从{yuan(old)}元变成{yuan(new)}元"] if old is not None and new is not None and old != new else []


def _last_price(line: Line) -> Fraction | None:
    return line.months[-1].pieces[-1].price if line.months else None


def _quantity_reason(this: Line, before: Line) -> list[str]:
    if this.quantity == before.quantity:
        return []
    return [f"计费的数量从{number(before.quantity)}变成{number(this.quantity)}"]


def _time_reason(this: Line, before: Line) -> list[str]:
    lengths = [
        sum((piece.part for month in line.months for piece in month.pieces), Fraction(0)) for line in (before, this)
    ]
    return [f"上一期收{_months(lengths[0])}，这一期收{_months(lengths[1])}"] if lengths[0] != lengths[1] else []


def _empty_reason(this: Line, before: Line) -> list[str]:
    now, then = (any(piece.pays != 1 for month in line.months for piece in month.pieces) for line in (this, before))
    if now == then:
        return []
    return ["这一期按空置收"] if now else ["上一期按空置收，这一期按原价"]


def _months(length: Fraction) -> str:
    return f"{length.numerator}个月" if length.denominator == 1 else _part(length)
