"""What managers say."""

from bot.flow import Flow
from handlers.manager import (
    cancel_order,
    dispatch_order,
    follow_up,
    list_orders,
    merge_orders,
    reject_order,
    reopen_order,
    set_priority,
)

FLOWS: tuple[Flow, ...] = (
    list_orders.FLOW,
    dispatch_order.FLOW,
    set_priority.FLOW,
    cancel_order.FLOW,
    reject_order.FLOW,
    merge_orders.FLOW,
    reopen_order.FLOW,
    follow_up.FLOW,
)
