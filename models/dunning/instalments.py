"""分期: a debt in parts whose sum is the debt, and whether they are kept to (domain rules 1.11). Pure; fen and days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from models.billing.allocation import allocate
from models.billing.cycles import months_later

MOST = 12
GRACE = timedelta(days=7)  # a part missing for longer ends the plan


@dataclass(frozen=True)
class Part:
    due_on: date
    fen: int


def parts_of(fen: int, count: int, first: date) -> list[Part]:
    """`count` parts, one a month from `first` on, by largest remainder. Raises ValueError for none and for more than a year's."""
    if not 2 <= count <= MOST or fen < count:
        raise ValueError("two to twelve parts, each at least a fen")
    shares = allocate(fen, [Fraction(1)] * count)
    return [Part(months_later(first, number), share.fen) for number, share in enumerate(shares)]


def missed(parts: Sequence[Part], paid: int, today: date) -> bool:
    """A part has been missing for seven days. What is paid counts for the oldest part first."""
    expected = sum(part.fen for part in parts if part.due_on + GRACE < today)
    return paid < expected
