"""What managers say."""

from bot.flow import Flow
from handlers.manager import (
    approve_binding,
    cancel_order,
    dispatch_order,
    follow_up,
    give_bind_code,
    invite_staff,
    list_orders,
    merge_orders,
    reject_order,
    reopen_order,
    see_messages_sent,
    set_priority,
    tell_by_hand,
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
    approve_binding.FLOW,
    invite_staff.FLOW,
    give_bind_code.FLOW,
    *tell_by_hand.FLOWS,
    see_messages_sent.FLOW,
)
