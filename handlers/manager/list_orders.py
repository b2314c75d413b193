"""工单: what is open, the most urgent first; 工单 N: the whole story of one."""

from datetime import datetime

from bot.flow import Done, Flow, Outcome, Slot, Turn
from handlers.links import order_link
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.time_left import time_left
from handlers.which_order import short, take_order_no
from models.workorders.follow_up import LOW_RATING, REPEAT_FAULT, VISIT
from models.workorders.follow_up_lists import calls_to_make, how_many_owed
from models.workorders.queries import Line, attachments_of, events_of, find, how_many, line_of, orders_seen_by
from models.workorders.states import FINAL, PRIORITY_NAMES, STATE_NAMES
from models.workorders.tables import Attachment, OrderEvent, WorkOrder
from models.workorders.transitions import EVENT_NAMES

SHOWN = 10

# What is in the story besides the steps of the table.
_ALSO = {
    "warned": "快超时，已提醒师傅",
    "late": "超时，已告诉业主和班长",
    "late_manager": "超时较久，已告诉经理",
    "late_next": "还没办好，已告诉上级经理",
    "late_call": "没人接单，已请经理打电话",
    "pause_review": "挂起太久，已请经理看",
    "storm": "暴雨模式，已告诉业主",
    "nudge": "催单",
    "words": "补充说明",
    "added": "补充",
    "rate_again": "改了评价",
    "unreached": "回访没联系上",
    "handled": "回访",
    "repeat": "重复故障",
    "cause": "查明原因",
}
_NAMES = {"image": "照片", "voice": "录音", "video": "视频", "location": "位置", "text": "文字"}


def show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    if "order" in turn.slots:
        return Done(_story(turn, find(turn.session, person.actor(), int(turn.slots["order"]))))
    found = orders_seen_by(turn.session, person.actor(), limit=SHOWN)
    after_the_work = _owed(turn) if person.is_manager else []
    if not found:
        return Done("\n".join(["现在没有没办完的工单。", *after_the_work]))
    total = how_many(turn.session, person.actor())
    lines = [f"没办完的工单 {total} 个：", *(_line(line, turn.now) for line in found)]
    if total > len(found):
        lines.append(f"先列最急的 {len(found)} 个。")
    number = found[0].order.id
    lines.append(f"看经过回复「工单 {number}」，派人回复「派单 {number} 姓名」。")
    return Done("\n".join([*lines, *after_the_work]))


def _owed(turn: Turn) -> list[str]:
    """What is still to be done about finished work: low ratings one by one, the rest counted."""
    person: Person = turn.speaker
    counts = how_many_owed(turn.session, person.actor())
    lines = []
    if counts.get(LOW_RATING):
        low = [one for one in calls_to_make(turn.session, person.actor(), limit=3) if one.task.kind == LOW_RATING]
        shown = "；".join(f"#{one.order.id} {one.task.stars}分 {one.where}" for one in low)
        lines.append(
            f"差评等处理 {counts[LOW_RATING]} 个：{shown}。" if shown else f"差评等处理 {counts[LOW_RATING]} 个。"
        )
    if counts.get(VISIT):
        lines.append(f"等回访 {counts[VISIT]} 个。")
    if counts.get(REPEAT_FAULT):
        lines.append(f"重复故障要查原因 {counts[REPEAT_FAULT]} 处，回复「查因」。")
    return [*lines, "回复「回访」逐个办。"] if counts.get(LOW_RATING) or counts.get(VISIT) else lines


def age(since: datetime, now: datetime) -> str:
    """How long something has been waiting, as people say it: 25分钟, 3小时, 2天."""
    minutes = max(int((now - since).total_seconds()) // 60, 0)
    if minutes < 60:
        return f"{minutes}分钟"
    return f"{minutes // 60}小时" if minutes < 48 * 60 else f"{minutes // (24 * 60)}天"


def _line(line: Line, now: datetime) -> str:
    order = line.order
    who = line.worker or "没人"
    left = time_left(order, line.clock, now)
    return (
        f"#{order.id} {order.priority} {line.where} {short(order.problem)}"
        f"（{STATE_NAMES[order.state]} {who} {age(order.created_at, now)}{f'，{left}' if left else ''}）"
    )


def _story(turn: Turn, order: WorkOrder) -> str:
    line = line_of(turn.session, order)
    lines = [
        f"#{order.id} {order.priority} {PRIORITY_NAMES[order.priority]}（{STATE_NAMES[order.state]}）",
        f"地点：{line.where}",
        f"问题：{order.problem}",
    ]
    if order.reporter_name or order.reporter_phone:
        lines.append(f"报修人：{order.reporter_name} {order.reporter_phone}".rstrip())
    if line.worker:
        lines.append(f"师傅：{line.worker} {line.worker_phone}".rstrip())
    lines += [_step(event) for event in events_of(turn.session, order.id)]
    lines += _sent_along(list(attachments_of(turn.session, order.id)))
    if order.rating is not None:
        lines.append(f"评价：{order.rating}分 {order.rating_text}".rstrip())
    if link := order_link(turn, order):
        lines.append(link)
    lines.append("回复「工单」看全部。" if order.state in FINAL else f"换人回复「派单 {order.id} 姓名」。")
    return "\n".join(lines)


def _step(event: OrderEvent) -> str:
    name = EVENT_NAMES.get(event.event) or _ALSO.get(event.event, event.event)
    why = f"：{short(event.reason, 30)}" if event.reason else ""
    return f"{event.at:%m-%d %H:%M} {event.actor} {name}{why}"


def _sent_along(sent: list[Attachment]) -> list[str]:
    """One line that counts what was sent: 附件：照片2 录音1"""
    kinds = [one.kind for one in sent]
    counts = [f"{name}{kinds.count(kind)}" for kind, name in _NAMES.items() if kind in kinds]
    return [f"附件：{' '.join(counts)}"] if counts else []


FLOW = Flow(
    intent="manager_orders",
    title="看工单",
    roles=frozenset({"manager", "lead", "clerk", "worker"}),
    commands=("工单 {order_no?}",),
    examples=EXAMPLES["manager_orders"],
    slots=(Slot("order", take=take_order_no, optional=True),),
    finish=show,
    quick=True,
    refusal="看全部工单是物业用的。看您自己的报修，请回复「我的报修」。",
)
