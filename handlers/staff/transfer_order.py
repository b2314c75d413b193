"""转单: to a colleague, who must take it."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.which_colleague import chosen_colleague, colleague_slot
from handlers.which_order import chosen_order, in_hand, order_slot
from models.workorders.actions import transfer


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order, receiver = chosen_order(turn), chosen_colleague(turn)
    transfer(turn.session, order, receiver, now=turn.now, actor=person.actor())
    return Done(f"#{order.id} 已转给{receiver.name}，等他接单。回复「我的任务」看看手上还有什么。")


FLOW = Flow(
    intent="staff_transfer",
    title="转单",
    roles=frozenset({"staff"}),
    commands=("转单 {order_no?} {assignee?}",),
    examples=EXAMPLES["staff_transfer"],
    slots=(
        order_slot(
            in_hand("DISPATCHED", "TAKEN", "ON_SITE", "PAUSED"), "您手上没有可以转的单。", "要转哪一单？", "transfer"
        ),
        colleague_slot("转给谁？请说姓名，比如「刘师傅」。"),
    ),
    finish=finish,
    refusal="转单是师傅用的。对师傅不满意，请回复「人工」。",
)
