"""What residents and visitors say."""

from bot.flow import Flow
from handlers.resident import (
    ask_help,
    bind_home,
    call_person,
    cancel_repair,
    follow_progress,
    nudge_repair,
    rate_repair,
    reopen_repair,
    report_repair,
    see_bills,
    see_payments,
    show_my_home,
    small_talk,
    unbind_home,
)

FLOWS: tuple[Flow, ...] = (
    report_repair.FLOW,
    follow_progress.FLOW,
    nudge_repair.FLOW,
    cancel_repair.FLOW,
    rate_repair.FLOW,
    reopen_repair.FLOW,
    *bind_home.FLOWS,
    unbind_home.FLOW,
    *show_my_home.FLOWS,
    *see_bills.FLOWS,
    *see_payments.FLOWS,
    call_person.FLOW,
    ask_help.FLOW,
    *small_talk.FLOWS,
)
