"""返修 N: the office learned that something is not mended."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_order import chosen_order, order_slot, said_text, seen
from models.workorders.actions import reopen
from models.workorders.reopening import is_same_fault


def take_reason(turn: Turn) -> Outcome:
    words = said_text(turn)
    return Next(words) if words else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    reason = str(turn.slots.get("reason", ""))
    same = is_same_fault(order.problem, order.category, reason)
    sent = reopen(turn.session, order, now=turn.now, actor=person.actor(), reason=reason, same_fault=same)
    then = f"已派给{sent.worker.name}。" if sent.worker else f"{sent.why}请回复「派单 {order.id} 姓名」。"
    return Done(f"#{order.id} 重新打开，现在是 {order.priority}。{then}")


FLOW = Flow(
    intent="manager_reopen_order",
    title="安排返修",
    roles=frozenset({"manager"}),
    commands=("返修 {order_no?} {text?}",),
    examples=("返修", "12号单安排返修", "把12号单重新打开", "12号单没修好再派一次"),
    slots=(
        order_slot(
            seen("WAIT_CONFIRM", "WAIT_VISIT"),
            "没有修完等着回访的单。请说「返修 工单号」。",
            "哪一单要返修？",
            "reopen",
        ),
        Slot("reason", take=take_reason, optional=True),
    ),
    finish=finish,
    refusal="返修由物业安排。没修好请回复「没修好」。",
)
