"""我的任务: what a worker has to do, the most urgent first."""

from datetime import datetime

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.time_left import time_left
from handlers.which_order import SHOWN, order_line
from models.workorders.queries import Line, tasks_of

STAFF = frozenset({"staff"})

# What a worker most likely says next to an order that stands like this.
_NEXT = {
    "DISPATCHED": "接单请回复「接单 {}」。",
    "TAKEN": "到了请回复「到场 {}」。",
    "ON_SITE": "修好请回复「完工 {} 做了什么」。",
    "PAUSED": "可以继续了请回复「恢复 {}」。",
}


def show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    if person.staff is None:
        return Done("您还不是员工。请把邀请码发给我，比如「加入 7K3MPQ2X」。")
    found = tasks_of(turn.session, person.staff.id, limit=SHOWN + 1)
    if not found:
        return Done("您手上没有工单，歇一会儿。有新单会马上发给您。")
    return Done("\n".join(_lines(found, turn.now)))


def _lines(found: list[Line], now: datetime) -> list[str]:
    shown = found[:SHOWN]
    lines = ["您手上的工单：", *(_line(line, now) for line in shown)]
    if len(found) > SHOWN:
        lines.append(f"还有更多，先看最急的{SHOWN}单。")
    lines.append(_NEXT.get(shown[0].order.state, "回复「工单 {}」看经过。").format(shown[0].order.id))
    return lines


def _line(line: Line, now: datetime) -> str:
    left = time_left(line.order, line.clock, now)
    return f"{order_line(line)}{f'，{left}' if left else ''}"


FLOW = Flow(
    intent="staff_my_tasks",
    title="看您的任务",
    roles=STAFF,
    commands=("我的任务",),
    examples=EXAMPLES["staff_my_tasks"],
    finish=show,
    quick=True,
    refusal="「我的任务」是师傅用的。看您自己的报修，请回复「我的报修」。",
)
