"""What happened to an order and what comes next, in the words of those it concerns: for the chat and for pages."""

from models.workorders.states import (
    ACCEPTED,
    CANCELLED,
    CLOSED,
    DISPATCHED,
    MERGED,
    NEW,
    ON_SITE,
    PAUSED,
    REJECTED,
    TAKEN,
    WAIT_CONFIRM,
    WAIT_PAY,
    WAIT_VISIT,
)
from models.workorders.tables import OrderEvent, WorkOrder

# The steps people care about, in their words; the others are for the office.
STEPS = {
    "create": "报修",
    "dispatch": "派给师傅",
    "grab": "师傅接单",
    "take": "师傅接单",
    "transfer": "转给另一位师傅",
    "arrive": "师傅到场",
    "pause": "暂停",
    "resume": "继续处理",
    "done": "修好了",
    "done_paid": "修好了",
    "quote": "报价",
    "quote_agreed": "您同意了报价",
    "quote_refused": "报价没有谈成",
    "paid": "费用交清了",
    "waive": "费用免收",
    "dispute": "您对费用有异议",
    "uphold": "经理核对过费用",
    "unpaid": "费用记到账单里",
    "rate_good": "您评价了",
    "rate_bad": "您评价了",
    "reopen": "重新打开",
    "cancel": "取消",
    "reject": "不受理",
    "close_unrated": "没有等到评价，结束了",
    "visited": "回访过了",
}
WITH_REASON = frozenset(
    {"pause", "done", "done_paid", "quote", "waive", "dispute", "uphold", "reopen", "cancel", "reject"}
)

_STANDS = {
    NEW: "收到了",
    ACCEPTED: "正在安排师傅",
    DISPATCHED: "已通知师傅",
    TAKEN: "师傅已接单",
    ON_SITE: "师傅正在修",
    PAUSED: "暂时停下了",
    WAIT_PAY: "修好了，等付款",
    WAIT_CONFIRM: "修好了",
    WAIT_VISIT: "修好了",
    CLOSED: "已经结束",
    CANCELLED: "已经取消",
    REJECTED: "不归我们修",
    MERGED: "和同一件事的另一张单一起办",
}

_NEXT = {
    NEW: "马上有人看。",
    ACCEPTED: "安排好师傅，会在微信里告诉您。",
    DISPATCHED: "师傅接单后，会在微信里告诉您。",
    TAKEN: "师傅会上门，到了会在微信里告诉您。",
    ON_SITE: "修好了会在微信里告诉您，请您评价。",
    WAIT_PAY: "交了费就办完了：回复「缴费」，或到前台交。觉得不对请说「费用有异议 {order}」加上原因。",
    WAIT_CONFIRM: "修得怎么样？请在微信里回复 1 到 5 打分，5 是很满意；没修好请说「没修好 {order}」。",
    WAIT_VISIT: "物业会来问问您满不满意。",
    CLOSED: "要是又坏了，在微信里说一句就行。",
    CANCELLED: "要是还想修，在微信里再说一句就行。",
    REJECTED: "有疑问请在微信里回复「人工」。",
    MERGED: "有进展会在微信里告诉您。",
}


def step_words(step: OrderEvent, *, own: bool = True) -> str:
    """「修好了：换了角阀」. `own`: the reader is the one it was repaired for."""
    words = STEPS[step.event] if own else STEPS[step.event].replace("您", "住户")
    return f"{words}：{step.reason[:30]}" if step.reason and step.event in WITH_REASON else words


def stands(order: WorkOrder) -> str:
    """Where it stands, in a few plain words."""
    return _STANDS[order.state]


def comes_next(order: WorkOrder) -> str:
    """What happens next, or what the person can do; "" for nothing."""
    if order.state == PAUSED:
        until = f"，预计{order.pause_until:%m月%d日}继续" if order.pause_until else ""
        return f"{order.pause_reason or '要等一等'}{until}。"
    return _NEXT[order.state].format(order=order.id)
