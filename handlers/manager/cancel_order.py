"""撤单 N: the office calls an order off; asked once more before it is done."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_order import chosen_order, order_slot, said_text, seen, short
from models.workorders.actions import cancel
from models.workorders.states import OPEN


def take_reason(turn: Turn) -> Outcome:
    words = said_text(turn)
    return Next(words) if words else None


def question(turn: Turn) -> str:
    order = chosen_order(turn)
    return f"要撤掉 #{order.id}「{short(order.problem)}」吗？住户和师傅都会知道。"


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    cancel(turn.session, order, now=turn.now, actor=person.actor(), reason=str(turn.slots.get("reason", "")))
    return Done(f"#{order.id} 已撤掉，住户和师傅都已通知。回复「工单」看其他的。")


FLOW = Flow(
    intent="manager_cancel_order",
    title="撤掉工单",
    roles=frozenset({"manager"}),
    commands=("撤单 {order_no?} {text?}",),
    examples=("撤单", "把12号单撤了", "12号单是误报撤掉", "作废12号工单"),
    slots=(
        order_slot(seen(*sorted(OPEN)), "现在没有没办完的工单。", "要撤哪一单？", "cancel"),
        Slot("reason", take=take_reason, optional=True),
    ),
    confirm=question,
    finish=finish,
    refusal="撤单由经理来做。您自己的报修，请回复「取消报修」。",
)
