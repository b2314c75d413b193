"""没修好: the order begins anew, a step more urgent."""

from dataclasses import replace

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.resident.own_order import chosen_order, fitting_orders, order_slot
from handlers.speaker import Person
from models.workorders.actions import reopen
from models.workorders.reopening import is_same_fault

FINISHED = ("WAIT_CONFIRM", "WAIT_VISIT", "CLOSED")


def take_reason(turn: Turn) -> Outcome:
    words = str(turn.said("text") or "").strip()
    return Next(words) if words else None


def known_order(turn: Turn) -> int | None:
    """The work that was just finished, if there is only one such; of older ones only the only one."""
    for states in (("WAIT_CONFIRM",), FINISHED):
        if fitting := fitting_orders(turn, states):
            return fitting[0].id if len(fitting) == 1 else None
    return None


def begin_anew(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    reason = str(turn.slots.get("reason", "")) or turn.text
    same = is_same_fault(order.problem, order.category, reason)
    sent = reopen(turn.session, order, now=turn.now, actor=person.actor(), reason=reason, same_fault=same)
    who = f"已通知{sent.worker.name}再来看" if sent.worker else "经理会安排"
    return Done(f"对不起，让您费心了。#{order.id} 重新打开，{who}，有消息马上告诉您。")


FLOW = Flow(
    intent="repair_reopen",
    title="说没修好",
    commands=("没修好 {order_no?} {text?}",),
    examples=EXAMPLES["repair_reopen"],
    slots=(
        Slot("reason", take=take_reason, optional=True),
        replace(
            order_slot(FINISHED, "您最近没有修完的单。哪里坏了，直接告诉我就行。", "是哪一张没修好？"),
            known=known_order,
        ),
    ),
    awaiting=frozenset({"awaiting_rating"}),
    finish=begin_anew,
)
