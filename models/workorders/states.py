"""Where an order can stand, and what people call it."""

NEW = "NEW"
ACCEPTED = "ACCEPTED"
DISPATCHED = "DISPATCHED"
TAKEN = "TAKEN"
ON_SITE = "ON_SITE"
PAUSED = "PAUSED"
WAIT_PAY = "WAIT_PAY"
WAIT_CONFIRM = "WAIT_CONFIRM"
WAIT_VISIT = "WAIT_VISIT"
CLOSED = "CLOSED"
CANCELLED = "CANCELLED"
REJECTED = "REJECTED"
MERGED = "MERGED"

STATE_NAMES = {
    NEW: "待受理",
    ACCEPTED: "待派单",
    DISPATCHED: "待接单",
    TAKEN: "已接单",
    ON_SITE: "处理中",
    PAUSED: "挂起",
    WAIT_PAY: "待支付",
    WAIT_CONFIRM: "待评价",
    WAIT_VISIT: "待回访",
    CLOSED: "已关闭",
    CANCELLED: "已取消",
    REJECTED: "不受理",
    MERGED: "已合并",
}

FINAL = frozenset({CLOSED, CANCELLED, REJECTED, MERGED})
NOT_FINAL = frozenset(STATE_NAMES) - FINAL

# Still to be repaired; these count as open for duplicates, nudges, lists and a worker's load.
OPEN = frozenset({NEW, ACCEPTED, DISPATCHED, TAKEN, ON_SITE, PAUSED})
IN_HAND = frozenset({TAKEN, ON_SITE, PAUSED})  # taken by somebody and not done yet
WITH_WORKER = frozenset({DISPATCHED, TAKEN, ON_SITE, PAUSED})

PRIORITIES = ("P0", "P1", "P2", "P3")
URGENT = frozenset({"P0", "P1"})
PRIORITY_NAMES = {"P0": "特急", "P1": "紧急", "P2": "一般", "P3": "预约"}


def one_step_up(priority: str) -> str:
    """The next more urgent priority, but never P0: only danger makes a P0."""
    return {"P3": "P2", "P2": "P1"}.get(priority, priority)
