"""How much time an order has left, in a few words for a list: from what the clocks' job has noted, without counting anew."""

from datetime import datetime, timedelta

from models.workorders.sla import ARRIVE, CLOCK_NAMES, FINISH, RESPONSE
from models.workorders.states import OPEN, PAUSED
from models.workorders.tables import OrderClock, WorkOrder
from models.workorders.time_words import length, moment

SOON = timedelta(hours=2)


def time_left(order: WorkOrder, clock: OrderClock | None, now: datetime) -> str:
    """今天15:30前上门; 上门还剩25分钟; 上门超时（应在今天10:00前）. "" while it is paused, over, or not looked at yet."""
    if clock is None or order.state not in OPEN or order.state == PAUSED:
        return ""
    waiting = [(name, due) for name, due in _dues(order, clock) if due is not None]
    late = [(name, due) for name, due in waiting if due < now]
    if late:
        name, due = late[-1]
        return f"{CLOCK_NAMES[name]}超时，应在{moment(due, now)}前"
    if not waiting:
        return ""
    name, due = waiting[0]
    if due - now <= SOON:
        return f"{CLOCK_NAMES[name]}还剩{length(int((due - now).total_seconds()))}"
    return f"{moment(due, now)}前{CLOCK_NAMES[name]}"


def _dues(order: WorkOrder, clock: OrderClock) -> list[tuple[str, datetime | None]]:
    """What is still to be done, the next first."""
    dues: list[tuple[str, datetime | None]] = [(FINISH, clock.finish_due)]
    if order.arrived_at is None:
        dues.insert(0, (ARRIVE, clock.arrive_due))
    if order.taken_at is None and order.arrived_at is None:
        dues.insert(0, (RESPONSE, clock.response_due))
    return dues
