"""取消报修: asked once more before it is done; what endangers others cannot be called off from afar."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.resident.own_order import chosen_order, order_line, order_slot
from handlers.speaker import Person
from models.workorders.actions import cancel, refuse_if_dangerous
from models.workorders.states import OPEN


def question(turn: Turn) -> str:
    order = chosen_order(turn)
    refuse_if_dangerous(turn.session, order, turn.speaker.actor())
    return f"要取消这张报修吗？\n{order_line(order)}"


def call_off(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    cancel(turn.session, order, now=turn.now, actor=person.actor(), reason="报修人取消")
    return Done(f"#{order.id} 已经取消。以后再坏了，直接告诉我就行。")


FLOW = Flow(
    intent="repair_cancel",
    title="取消报修",
    commands=("取消报修 {order_no?}",),
    examples=EXAMPLES["repair_cancel"],
    slots=(order_slot(OPEN, "您现在没有可以取消的报修。", "要取消哪一张？"),),
    confirm=question,
    finish=call_off,
)
