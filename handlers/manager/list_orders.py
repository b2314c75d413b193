"""工单: what is open, the most urgent first; 工单 N: the whole story of one."""

from datetime import datetime

from bot.flow import Done, Flow, Outcome, Slot, Turn
from handlers.links import order_link
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.which_order import short, take_order_no
from models.workorders.queries import Line, attachments_of, events_of, find, how_many, line_of, orders_seen_by
from models.workorders.states import FINAL, PRIORITY_NAMES, STATE_NAMES
from models.workorders.tables import Attachment, OrderEvent, WorkOrder
from models.workorders.transitions import EVENT_NAMES

SHOWN = 10

# What is in the story besides the steps of the table.
_ALSO = {"nudge": "催单", "words": "补充说明", "added": "补充", "rate_again": "改了评价"}
_NAMES = {"image": "照片", "voice": "录音", "video": "视频", "location": "位置", "text": "文字"}


def show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    if "order" in turn.slots:
        return Done(_story(turn, find(turn.session, person.actor(), int(turn.slots["order"]))))
    found = orders_seen_by(turn.session, person.actor(), limit=SHOWN)
    if not found:
        return Done("现在没有没办完的工单。")
    total = how_many(turn.session, person.actor())
    lines = [f"没办完的工单 {total} 个：", *(_line(line, turn.now) for line in found)]
    if total > len(found):
        lines.append(f"先列最急的 {len(found)} 个。")
    number = found[0].order.id
    lines.append(f"看经过回复「工单 {number}」，派人回复「派单 {number} 姓名」。")
    return Done("\n".join(lines))


def age(since: datetime, now: datetime) -> str:
    """How long something has been waiting, as people say it: 25分钟, 3小时, 2天."""
    minutes = max(int((now - since).total_seconds()) // 60, 0)
    if minutes < 60:
        return f"{minutes}分钟"
    return f"{minutes // 60}小时" if minutes < 48 * 60 else f"{minutes // (24 * 60)}天"


def _line(line: Line, now: datetime) -> str:
    order = line.order
    who = line.worker or "没人"
    return (
        f"#{order.id} {order.priority} {line.where} {short(order.problem)}"
        f"（{STATE_NAMES[order.state]} {who} {age(order.created_at, now)}）"
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
