"""What workers say."""

from bot.flow import Flow
from handlers.staff import (
    arrive,
    finish_order,
    go_on_duty,
    hand_back_order,
    join,
    pause_order,
    quote_work,
    read_meter,
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
    *quote_work.FLOWS,
    finish_order.FLOW,
    report_on_behalf.FLOW,
    *go_on_duty.FLOWS,
    join.FLOW,
    take_payment.FLOW,
    *redo_receipt.FLOWS,
    *read_meter.FLOWS,
)
