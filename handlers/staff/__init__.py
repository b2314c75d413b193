"""What workers say."""

from bot.flow import Flow
from handlers.staff import (
    arrive,
    finish_order,
    give_back,
    go_on_duty,
    hand_back_order,
    host_talk,
    join,
    pause_order,
    read_meter,
    reconcile,
    redo_receipt,
    report_on_behalf,
    resume_order,
    see_figures,
    see_tasks,
    take_order,
    take_payment,
    transfer_order,
)

FLOWS: tuple[Flow, ...] = (
    see_tasks.FLOW,
    see_figures.FLOW,
    take_order.FLOW,
    hand_back_order.FLOW,
    transfer_order.FLOW,
    arrive.FLOW,
    pause_order.FLOW,
    resume_order.FLOW,
    finish_order.FLOW,
    report_on_behalf.FLOW,
    *go_on_duty.FLOWS,
    join.FLOW,
    *host_talk.FLOWS,
    take_payment.FLOW,
    *give_back.FLOWS,
    *redo_receipt.FLOWS,
    *reconcile.FLOWS,
    *read_meter.FLOWS,
)
