"""The understanding as the whole product would build it: every intent, its rights, its exact words."""

import re

import pytest

from bot.understanding import Context, IntentSpec, Understanding
from handlers.phrases import EXAMPLES
from models.workorders.urgency import is_life_threatening
from models.workorders.words import reports_a_fault

STAFF = frozenset({"staff"})
WORKERS = frozenset({"staff", "manager"})
MANAGER = frozenset({"manager"})
RESIDENTS = frozenset({"owner", "tenant", "visitor"})

COMMANDS: dict[str, tuple[str, ...]] = {
    "repair_report": ("报修 {text?}",),
    "repair_status": ("我的报修", "进度 {order_no}"),
    "repair_urge": ("催单 {order_no}",),
    "repair_cancel": ("取消报修 {order_no}",),
    "repair_rate": ("评价 {order_no} {rating} {text?}",),
    "repair_reopen": ("没修好 {order_no} {text?}",),
    "bill_query": ("账单 {period?}",),
    "bill_explain": ("为什么 {period}",),
    "pay": ("缴费",),
    "bill_history": ("缴费记录",),
    "receipt": ("收据",),
    "notice_list": ("公告",),
    "poll_list": ("投票",),
    "poll_vote": ("投票 {poll_no} {option}",),
    "feedback": ("建议 {text?}",),
    "complaint": ("投诉 {text?}",),
    "points_query": ("积分",),
    "points_redeem": ("兑换",),
    "checkin": ("打卡",),
    "my_homes": ("我的家",),
    "bind_house": ("绑定 {text?}",),
    "unbind": ("解绑",),
    "human": ("人工",),
    "help": ("帮助",),
    "cancel": ("取消",),
    "staff_my_tasks": ("我的任务",),
    "staff_accept": ("接单 {order_no}",),
    "staff_refuse": ("退单 {order_no} {text?}",),
    "staff_transfer": ("转单 {order_no} {assignee}",),
    "staff_arrive": ("到场 {order_no}",),
    "staff_pause": ("挂起 {order_no} {text?}",),
    "staff_done": ("完工 {order_no} {text?}",),
    "meter_reading": ("抄表 {house} {reading}",),
    "maintenance_done": ("保养 {order_no} 完成 {text?}",),
    "inspection_report": ("巡检",),
    "staff_on_duty": ("上班",),
    "staff_off_duty": ("下班",),
    "manager_broadcast": ("发公告 {text?}",),
    "manager_poll_create": ("发起投票 {text?}",),
    "manager_report": ("日报", "周报", "月报"),
    "manager_collection_rate": ("收缴率",),
    "manager_arrears_list": ("欠费",),
    "manager_dun": ("催缴",),
    "manager_dispatch": ("派单 {order_no} {assignee}",),
    "manager_orders": ("工单",),
    "manager_priority": ("优先 {order_no} {priority}",),
    "equipment_query": ("设备",),
    "manager_alerts": ("预警",),
    "manager_review": ("审核",),
}
AWAITING: dict[str, frozenset[str]] = {
    "repair_rate": frozenset({"awaiting_rating"}),
    "poll_vote": frozenset({"poll_open"}),
    "staff_accept": frozenset({"order_pushed"}),
    "staff_refuse": frozenset({"order_pushed"}),
    "staff_arrive": frozenset({"order_in_progress"}),
    "staff_done": frozenset({"order_in_progress"}),
    "staff_pause": frozenset({"order_in_progress"}),
    "staff_transfer": frozenset({"order_in_progress"}),
    "confirm": frozenset({"confirm", "confirm_broadcast"}),
    "deny": frozenset({"confirm", "confirm_broadcast"}),
    "provide_info": frozenset({"ask_location", "ask_time", "ask_phone", "ask_house", "choose_house"}),
}


def roles_of(intent: str) -> frozenset[str] | None:
    if intent.startswith("manager_"):
        return MANAGER
    if intent.startswith("staff_"):
        return STAFF
    if intent in ("meter_reading", "maintenance_done", "inspection_report", "equipment_query"):
        return WORKERS
    if intent.startswith(("repair_", "bill_", "poll_", "points_")) or intent in ("pay", "receipt", "checkin", "unbind"):
        return RESIDENTS
    return None


def all_specs() -> tuple[IntentSpec, ...]:
    specs = tuple(
        IntentSpec(intent, roles_of(intent), COMMANDS.get(intent, ()), examples, AWAITING.get(intent, frozenset()))
        for intent, examples in EXAMPLES.items()
    )
    on_behalf = IntentSpec(
        "repair_report", WORKERS, ("代报修 {house} {text}",), ("代报修", "帮业主报修", "帮他家报个修")
    )
    return (*specs, on_behalf)


class Homes:
    """Just enough to know a home when it is spelled plainly; the real one belongs to the estate."""

    name = "house"
    _home = re.compile(r"(\d{1,2})(?:-|栋|号楼)(?:(\d)(?:-|单元|门))?(\d{3,4})(?!\d)")

    def find(self, text: str, role: str, context: Context) -> object | None:
        match = self._home.search(text)
        return "-".join(part for part in match.groups() if part) if match else None


def build() -> Understanding:
    return Understanding(
        all_specs(), (Homes(),), lambda text, role, awaiting: is_life_threatening(text), reports_a_fault
    )


@pytest.fixture(scope="session")
def specs() -> tuple[IntentSpec, ...]:
    return all_specs()


@pytest.fixture(scope="session")
def understanding() -> Understanding:
    return build()
