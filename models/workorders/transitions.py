"""What may happen to an order, when, and by whom: the whole table (domain rules T1–T25), and one question to ask it."""

from dataclasses import dataclass

from models.errors import Refusal
from models.workorders.states import (
    ACCEPTED,
    CANCELLED,
    CLOSED,
    DISPATCHED,
    MERGED,
    NEW,
    NOT_FINAL,
    ON_SITE,
    PAUSED,
    REJECTED,
    STATE_NAMES,
    TAKEN,
    WAIT_CONFIRM,
    WAIT_PAY,
    WAIT_VISIT,
)

# `worker` is the one the order is assigned to, `other_worker` any other; a clerk, lead or manager is named by the office.
ROLES = ("reporter", "worker", "other_worker", "lead", "clerk", "manager", "system")

# Targets that depend on the order itself.
BEFORE_PAUSE = "as before the pause"
SAME = "as it was"
VISIT_OR_CLOSED = "a follow-up if sampled, else closed"


@dataclass(frozen=True)
class Rule:
    number: str
    event: str
    origins: frozenset[str]
    target: str
    roles: frozenset[str]


def _rule(number: str, origins: str, event: str, target: str, roles: str) -> Rule:
    return Rule(number, event, frozenset(origins.split()), target, frozenset(roles.split()))


NOTHING = "-"  # the state of an order that does not exist yet

TABLE = (
    #     no.    from                          event           to               who
    _rule("T1", NOTHING, "create", NEW, "reporter other_worker lead clerk manager"),
    _rule("T2", NEW, "accept", ACCEPTED, "clerk manager system"),
    _rule("T3", f"{NEW} {ACCEPTED}", "reject", REJECTED, "clerk manager"),
    # Somebody is sent in the very second a report is made, so what nobody has taken yet can still be merged; the reporter may
    # say of their own that it is the same thing.
    _rule("T4", f"{NEW} {ACCEPTED} {DISPATCHED}", "merge", MERGED, "reporter clerk manager"),
    _rule("T5", ACCEPTED, "dispatch", DISPATCHED, "lead manager system"),
    _rule("T6", ACCEPTED, "grab", TAKEN, "other_worker lead"),
    _rule("T7", DISPATCHED, "take", TAKEN, "worker"),
    _rule("T8", f"{DISPATCHED} {TAKEN}", "hand_back", ACCEPTED, "worker"),
    _rule("T9", DISPATCHED, "timeout", ACCEPTED, "system"),
    _rule("T10", f"{DISPATCHED} {TAKEN} {ON_SITE} {PAUSED}", "transfer", DISPATCHED, "worker manager"),
    _rule("T11", TAKEN, "arrive", ON_SITE, "worker"),
    _rule("T12", f"{TAKEN} {ON_SITE}", "pause", PAUSED, "worker"),
    _rule("T13", PAUSED, "resume", BEFORE_PAUSE, "worker manager system"),
    _rule("T14", ON_SITE, "done", WAIT_CONFIRM, "worker"),
    _rule("T15", ON_SITE, "done_paid", WAIT_PAY, "worker"),
    _rule("T16", WAIT_PAY, "paid", WAIT_CONFIRM, "system"),
    _rule("T16", WAIT_PAY, "waive", WAIT_CONFIRM, "manager"),
    _rule("T17", WAIT_PAY, "dispute", SAME, "reporter"),
    _rule("T17", WAIT_PAY, "unpaid", WAIT_CONFIRM, "system"),
    _rule("T18", WAIT_CONFIRM, "rate_good", VISIT_OR_CLOSED, "reporter"),
    _rule("T19", WAIT_CONFIRM, "rate_bad", WAIT_VISIT, "reporter"),
    _rule("T20", WAIT_CONFIRM, "close_unrated", VISIT_OR_CLOSED, "system"),
    _rule("T21", f"{WAIT_CONFIRM} {WAIT_VISIT} {CLOSED}", "reopen", ACCEPTED, "reporter clerk manager"),
    _rule("T22", WAIT_VISIT, "visited", CLOSED, "clerk manager"),
    _rule("T23", f"{NEW} {ACCEPTED} {DISPATCHED} {TAKEN} {PAUSED}", "cancel", CANCELLED, "reporter manager"),
    _rule("T24", ON_SITE, "cancel", CANCELLED, "manager"),
    _rule("T25", " ".join(NOT_FINAL), "set_priority", SAME, "clerk manager system"),
)

EVENT_NAMES = {
    "create": "报修",
    "accept": "受理",
    "reject": "不受理",
    "merge": "合并",
    "dispatch": "派单",
    "grab": "接单",
    "take": "接单",
    "hand_back": "退单",
    "timeout": "超时未接",
    "transfer": "转单",
    "arrive": "到场",
    "pause": "挂起",
    "resume": "恢复",
    "done": "完工",
    "done_paid": "有偿完工",
    "paid": "支付",
    "waive": "免收",
    "dispute": "提费用异议",
    "unpaid": "转为欠费",
    "rate_good": "评价",
    "rate_bad": "评价",
    "close_unrated": "未评价关闭",
    "reopen": "返修",
    "visited": "回访",
    "cancel": "取消",
    "set_priority": "改优先级",
}


def next_state(state: str, event: str, role: str, *, before_pause: str = "", sampled: bool = False) -> str:
    """Where `event` by `role` takes an order that stands in `state`. Raises Refusal for everything the table does not allow.

    `before_pause` is where a paused order stood; `sampled` whether this order was chosen for a follow-up call.
    """
    here = [rule for rule in TABLE if rule.event == event and state in rule.origins]
    if not here:
        raise Refusal(f"这张工单现在是「{STATE_NAMES.get(state, '还没有')}」，不能{EVENT_NAMES[event]}。")
    for rule in here:
        if role in rule.roles:
            return _resolve(rule.target, state, before_pause, sampled)
    raise Refusal(f"这张工单不该由您来{EVENT_NAMES[event]}。")


def is_allowed(state: str, event: str, role: str) -> bool:
    return any(rule.event == event and state in rule.origins and role in rule.roles for rule in TABLE)


def leads_to(event: str, state: str) -> bool:
    """Whether `state` is where `event` ends: then somebody has already done it."""
    return any(rule.event == event and rule.target == state for rule in TABLE)


def _resolve(target: str, state: str, before_pause: str, sampled: bool) -> str:
    if target == BEFORE_PAUSE:
        return before_pause
    if target == SAME:
        return state
    if target == VISIT_OR_CLOSED:
        return WAIT_VISIT if sampled else CLOSED
    return target
