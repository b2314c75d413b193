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
    same_trouble,
    say_more,
    scan_place,
    see_bills,
    see_payments,
    show_my_home,
    small_talk,
    unbind_home,
    why_late,
)

FLOWS: tuple[Flow, ...] = (
    report_repair.FLOW,
    scan_place.FLOW,
    same_trouble.FLOW,
    say_more.FLOW,
    follow_progress.FLOW,
    why_late.FLOW,
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
