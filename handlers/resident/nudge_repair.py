"""催单: the worker and, the second time, the manager hear that somebody is waiting."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.resident.own_order import chosen_order, order_slot
from handlers.speaker import Person
from models.workorders.actions import nudge
from models.workorders.states import OPEN


def urge(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    nudged = nudge(turn.session, order, now=turn.now, actor=person.actor())
    told = nudged.worker_name or "物业经理"
    also = "，也告诉了经理" if nudged.manager_told and nudged.worker_name else ""
    return Done(f"#{order.id} 已经替您催了{told}{also}。有新进展马上告诉您，让您久等了。")


FLOW = Flow(
    intent="repair_urge",
    title="催单",
    commands=("催单 {order_no?}",),
    examples=EXAMPLES["repair_urge"],
    slots=(order_slot(OPEN, "您现在没有等着修的单。哪里坏了，直接告诉我就行。", "要催哪一张？"),),
    finish=urge,
)
