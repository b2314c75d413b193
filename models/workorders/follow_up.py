"""Which finished orders somebody calls about (回访), until when, and when it is done (domain rules T18–T22 and 2.7)."""

from datetime import datetime, timedelta

from models.workorders.categories import COMPLAINTS
from models.workorders.states import URGENT

# What the office still has to do about an order.
LOW_RATING = "low_rating"  # 差评: the manager speaks with the owner within a day
VISIT = "visit"  # 回访: somebody of the office calls within two
REPEAT_FAULT = "repeat_fault"  # 重复故障: somebody finds out why the same thing breaks again and again

SATISFIED, SO_SO, UNHAPPY, UNREACHED = "满意", "一般", "不满", "联系不上"
RESULTS = (SATISFIED, SO_SO, UNHAPPY, UNREACHED)
CALLS = 3  # so often nobody answers until the visit counts as made

BAD_RATING = 2

_WITHIN = {LOW_RATING: timedelta(hours=24), VISIT: timedelta(hours=48), REPEAT_FAULT: timedelta(days=7)}

# 61 shares no factor with 100, so any hundred orders in a row give exactly `percent` calls, spread evenly.
_SPREAD = 61


def is_sampled(order_id: int, percent: int) -> bool:
    """Whether this order is one of the `percent` in a hundred that get a follow-up call; always the same answer."""
    return order_id * _SPREAD % 100 < percent


def needs_visit(
    *, order_id: int, priority: str, category: str, paid: bool, percent: int, stars: int | None = None
) -> bool:
    """All of the urgent, the paid, the complaints and the badly rated; of the rest so many in a hundred.

    `stars` is None for an owner who never answered: that is neither good nor bad.
    """
    always = priority in URGENT or paid or category in COMPLAINTS or (stars is not None and stars <= BAD_RATING)
    return always or is_sampled(order_id, percent)


def due_at(kind: str, since: datetime) -> datetime:
    """Until when it has to be done."""
    return since + _WITHIN[kind]


def time_left(until: datetime, now: datetime) -> str:
    """还剩5小时, 已超2天: in whole hours, in days from two days on."""
    minutes = int((until - now).total_seconds()) // 60
    hours = abs(minutes) // 60
    long = f"{hours}小时" if hours < 48 else f"{hours // 24}天"
    if minutes >= 0:
        return f"还剩{long}" if hours else "马上到时限"
    return f"已超{long}" if hours else "刚超时限"


def ends_with(result: str, calls: int) -> bool:
    """Whether a visit with this result is over. `calls`: how often nobody answered, this time included."""
    return result != UNREACHED or calls >= CALLS
