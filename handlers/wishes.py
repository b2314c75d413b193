"""Wishes that are understood although no flow answers them: parts of an answer, and things of modules not in use.

They are known so that "账单" is not taken for something else, and so that a person hears what can be done instead.
A wish leaves this file when a flow takes it up.
"""

from bot.understanding import IntentSpec

_RESIDENTS = frozenset({"owner", "tenant", "visitor"})
_WORKERS = frozenset({"staff", "manager"})
_MANAGER = frozenset({"manager"})

# What a module's wishes are about, in words for 「…现在还不能在这里办」.
ELSEWHERE: dict[str, tuple[str, ...]] = {
    "问维修价钱": ("price_query",),
    "改上门时间": ("repair_reschedule",),
    "公告和投票": ("poll_list", "poll_result", "poll_vote", "notice_list", "manager_broadcast", "manager_poll_create"),
    "积分和打卡": ("points_query", "points_redeem", "checkin"),
    "建议和投诉": ("feedback", "complaint"),
    "设备保养": ("maintenance_done", "inspection_report", "equipment_query", "manager_alerts"),
    "报表": ("manager_report",),
    "请假": ("staff_leave",),
}  # fmt: skip

_COMMANDS: dict[str, tuple[str, ...]] = {
    "notice_list": ("公告",),
    "poll_list": ("投票",),
    "poll_vote": ("投票 {poll_no} {option}",),
    "feedback": ("建议 {text?}",),
    "complaint": ("投诉 {text?}",),
    "points_query": ("积分",),
    "points_redeem": ("兑换",),
    "checkin": ("打卡",),
    "maintenance_done": ("保养 {order_no} 完成 {text?}",),
    "inspection_report": ("巡检",),
    "manager_broadcast": ("发公告 {text?}",),
    "manager_poll_create": ("发起投票 {text?}",),
    "manager_report": ("日报", "周报", "月报"),
    "equipment_query": ("设备",),
    "manager_alerts": ("预警",),
}

_AWAITING: dict[str, frozenset[str]] = {
    "poll_vote": frozenset({"poll_open"}),
    "confirm": frozenset({"confirm", "confirm_broadcast"}),
    "deny": frozenset({"confirm", "confirm_broadcast"}),
    "provide_info": frozenset({"ask_location", "ask_time", "ask_phone", "ask_house", "choose_house"}),
}


def spec_of(intent: str, examples: tuple[str, ...]) -> IntentSpec:
    """How an intent without a flow is recognised."""
    return IntentSpec(
        intent, _roles_of(intent), _COMMANDS.get(intent, ()), examples, _AWAITING.get(intent, frozenset())
    )


def module_of(intent: str) -> str:
    """「积分和打卡」 for a wish of a module not in use, "" for anything else."""
    return next((module for module, intents in ELSEWHERE.items() if intent in intents), "")


def _roles_of(intent: str) -> frozenset[str] | None:
    if intent.startswith("manager_"):
        return _MANAGER
    if intent in ("maintenance_done", "inspection_report", "equipment_query"):
        return _WORKERS
    if intent.startswith(("bill_", "poll_", "points_")) or intent in ("receipt", "checkin"):
        return _RESIDENTS
    return None
