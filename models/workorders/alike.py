"""Which orders may be about the same thing, and what a place by itself says about a trouble. Pure.

Reports of one place, or of one kind of trouble in one building, by different people within an hour are offered for merging
(domain rules 2.3, T1 and T4).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.workorders.categories import OTHER
from models.workorders.words import categories_of

ALIKE_WITHIN = timedelta(minutes=60)

# What belongs to a machine belongs to whoever looks after the machine: the door of a lift is no carpenter's work.
_MACHINES = frozenset({"电梯", "消防", "门禁", "充电桩", "停车"})
_PARTS_OF_IT = frozenset({"门窗", "电", "设施", "弱电", OTHER})


@dataclass(frozen=True)
class Report:
    """An order as far as this rule looks at it. `who` tells reporters apart; `building` is "" when it is not known."""

    number: int
    community_id: int
    place_id: int | None
    building: str
    category: str
    who: str
    at: datetime


@dataclass(frozen=True)
class Pair:
    """`later` may be about the same thing as `earlier`."""

    later: int
    earlier: int


def alike_pairs(reports: Iterable[Report]) -> list[Pair]:
    """For each report the first of the hour before it that may be about the same thing, by somebody else."""
    pairs: list[Pair] = []
    before: list[Report] = []
    for report in sorted(reports, key=lambda one: (one.at, one.number)):
        before = [one for one in before if report.at - one.at <= ALIKE_WITHIN]
        first = next((one for one in before if may_be_alike(one, report)), None)
        if first is not None:
            pairs.append(Pair(report.number, first.number))
        before.append(report)
    return pairs


def may_be_alike(one: Report, other: Report) -> bool:
    """Two different places are never the same thing; one place is; else it takes the same building and kind of trouble."""
    if one.who == other.who or one.community_id != other.community_id or abs(one.at - other.at) > ALIKE_WITHIN:
        return False
    if one.place_id is not None and other.place_id is not None:
        return one.place_id == other.place_id
    return bool(one.building) and (one.building, one.category) == (other.building, other.category)


def category_at(place_words: Sequence[str], said: Collection[str]) -> str:
    """The kind of trouble at a place: what the words say (`said`, likeliest first), unless the place knows better.

    `place_words`: the place's name and what else it is called. A picture alone says nothing, then the place decides.
    """
    of_place = next((found for word in place_words for found in categories_of(word)), OTHER)
    first = next(iter(said), None)
    if first is None or (of_place in _MACHINES and first in _PARTS_OF_IT):
        return of_place
    return first
