"""过户: what of a bill is the former owner's and what the new one's, by days (domain rules 1.5, example E9).

The day of the handover belongs to the new owner. The former owner's part is rounded from the exact value, the new one's is what is
left of the bill, so the two always sum to it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from models.billing.lines import Line, Manner, Month, Piece, from_basis, to_basis
from models.money import Rounding, rounded


@dataclass(frozen=True)
class Part:
    """A stretch of a bill, both days included, in fen, and how it was worked out."""

    start: date
    end: date
    fen: int
    basis: dict[str, Any]


def split_bill(
    basis: dict[str, Any], fen: int, start: date, end: date, day: date, manner: Manner
) -> tuple[Part | None, Part | None]:
    """(the former owner's part, the new one's) of a bill; None for a part of nothing. `day` lies within it, after its first day.

    What is worked out by the month goes by the days of each month, everything else (by meter, a share, in words) by the days of
    the whole stretch: a reading of the day itself is not to be had afterwards.
    """
    if not start < day <= end:
        raise ValueError("the handover lies within the bill")
    if "offer" in basis:
        # Whoever prepaid a year and leaves early has used the days at list price, and the gift is forfeited (domain rules 1.7).
        return _without_gift(basis, fen, start, end, day, manner)
    before, after = split_line(from_basis(basis, fen), day, manner) if "months" in basis else (None, None)
    first = before.fen if before is not None else _by_days(fen, start, end, day, manner.rounding)
    eve = day - timedelta(days=1)
    kept = (
        {**to_basis(before, basis["formula"]), "handover": [day.isoformat(), fen, "former"]}
        if before is not None
        else _in_words(start, end, day, fen, former=True)
    )
    rest = (
        {**to_basis(after, basis["formula"]), "handover": [day.isoformat(), fen, "new", first]}
        if after is not None
        else _in_words(start, end, day, fen, former=False)
    )
    parts = (Part(start, eve, first, kept), Part(day, end, fen - first, rest))
    return parts[0] if parts[0].fen else None, parts[1] if parts[1].fen else None


def _without_gift(
    basis: dict[str, Any], net: int, start: date, end: date, day: date, manner: Manner
) -> tuple[Part | None, Part | None]:
    listed = {name: value for name, value in basis.items() if name != "offer"}
    former, new = split_bill(listed, basis["offer"]["gross"], start, end, day, manner)
    if former is not None and former.fen > net:
        former = Part(former.start, former.end, net, former.basis)  # never more than was asked for
    return former, new


def cover(fen: int, paid: Sequence[tuple[date, int]], moved: date) -> list[tuple[date, int]]:
    """(day, fen) by which the former owner's part of `fen` was paid while it was still in the bill: `paid` covers it first.

    The last one takes off what the books put to it anew on the day it was `moved`, so that nothing counts twice.
    """
    found: list[tuple[date, int]] = []
    total = covered = 0
    for day, part in sorted(paid):
        total += part
        now = max(0, min(fen, total))
        if now != covered:
            found.append((day, now - covered))
        covered = now
    return [*found, (moved, -covered)] if covered else found


def with_paid_before(basis: dict[str, Any], days: Sequence[tuple[date, int]]) -> dict[str, Any]:
    """The basis of a part that says on which days it had been paid; its late fee is counted by them."""
    return {**basis, "paid_before": [[day.isoformat(), fen] for day, fen in days]} if days else basis


def paid_before(basis: Mapping[str, Any]) -> list[tuple[date, int]]:
    """The days that `with_paid_before` keeps; of every other bill none."""
    days: Counter[date] = Counter()
    for day, fen in basis.get("paid_before", ()):
        days[date.fromisoformat(day)] += fen
    return sorted(days.items())


def split_line(line: Line, day: date, manner: Manner) -> tuple[Line, Line]:
    """The months and pieces before `day`, and those from it on."""
    before: list[Month] = []
    after: list[Month] = []
    for month in line.months:
        first, rest = _split_pieces(month.pieces, day)
        if not rest or not first:
            (after if rest else before).append(month)
            continue
        exact = sum((piece.exact for piece in first), Fraction(0))
        fen = rounded(exact, manner.rounding) if month.fen is not None else None
        before.append(Month(first, fen))
        after.append(Month(rest, month.fen - fen if month.fen is not None and fen is not None else None))
    if manner.month_by_month:
        fen_before = sum(month.fen or 0 for month in before)
    else:
        fen_before = rounded(sum((month.exact for month in before), Fraction(0)), manner.rounding)
    return Line(line.quantity, tuple(before), fen_before), Line(line.quantity, tuple(after), line.fen - fen_before)


def _split_pieces(pieces: Sequence[Piece], day: date) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    before, after = [], []
    for piece in pieces:
        if piece.end < day:
            before.append(piece)
        elif piece.start >= day:
            after.append(piece)
        else:
            share = Fraction((day - piece.start).days, (piece.end - piece.start).days + 1)
            before.append(_cut(piece, piece.start, day - timedelta(days=1), share))
            after.append(_cut(piece, day, piece.end, 1 - share))
    return tuple(before), tuple(after)


def _cut(piece: Piece, start: date, end: date, share: Fraction) -> Piece:
    return Piece(start, end, piece.part * share, piece.price, piece.exact * share, piece.pays)


def _by_days(fen: int, start: date, end: date, day: date, rounding: Rounding) -> int:
    return rounded(Fraction(fen * (day - start).days, (end - start).days + 1), rounding)


def _in_words(start: date, end: date, day: date, fen: int, *, former: bool) -> dict[str, Any]:
    """The basis of a part of what is not worked out by the month."""
    days, before = (end - start).days + 1, (day - start).days
    whole = f"{start:%m月%d日}到{end:%m月%d日}一共{fen // 100}.{fen % 100:02d}元，{days}天"
    mine = (
        f"{day:%m月%d日}过户，前面{before}天归原业主"
        if former
        else f"{day:%m月%d日}过户，后面{days - before}天归新业主"
    )
    return {"formula": "words", "words": [whole, mine]}
