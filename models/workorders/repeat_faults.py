"""The same thing broken again and again in one place: three times in thirty days somebody should find out why (domain rules 2.5)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

TIMES = 3
WINDOW = timedelta(days=30)


@dataclass(frozen=True)
class Fault:
    """One order, finished or not. `home_id` is None and the house "" when it was reported for a public place alone.

    `place_id` is the public place of the books, None for one that is only known by its words, and for a home.
    """

    order_id: int
    community_id: int
    home_id: int | None
    building: str
    entrance: str
    place: str
    public: bool
    category: str
    created_at: datetime
    place_id: int | None = None


@dataclass(frozen=True)
class Repeat:
    """`subject` names the place and the kind of trouble; `orders` are the numbers, the oldest first."""

    subject: str
    orders: tuple[int, ...]


def place_of(fault: Fault) -> str | None:
    """What counts as one place: a home for what is its own; for what belongs to all the place of the books, or its words.

    None when nobody said where: then nothing can be the same.
    """
    if fault.place_id is not None:
        return f"place:{fault.place_id}"
    if not fault.public and fault.home_id is not None:
        return f"home:{fault.home_id}"
    if not fault.place and not fault.building:
        return None
    return f"{fault.community_id}:{fault.building}:{fault.entrance}:{fault.place}"


def repeats(faults: Iterable[Fault], now: datetime) -> list[Repeat]:
    """The places where it has broken so often, the oldest trouble first."""
    together: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        place = place_of(fault)
        if place is not None and now - WINDOW < fault.created_at <= now:
            together[f"{place}:{fault.category}"].append(fault)
    found = []
    for subject, same in together.items():
        orders = tuple(sorted(fault.order_id for fault in same))
        if len(orders) >= TIMES:
            found.append(Repeat(subject, orders))
    return sorted(found, key=lambda repeat: repeat.orders)
