"""到场: the owner hears that somebody is there."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.which_order import chosen_order, in_hand, order_slot
from models.workorders import actions


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    actions.arrive(turn.session, order, now=turn.now, actor=person.actor())
    return Done(
        f"#{order.id} 记下您到了。修好请回复「完工 {order.id} 做了什么」，要等配件请回复「挂起 {order.id} 等配件」。"
    )


FLOW = Flow(
    intent="staff_arrive",
    title="登记到场",
    roles=frozenset({"staff"}),
    commands=("到场 {order_no?}",),
    examples=EXAMPLES["staff_arrive"],
    awaiting=frozenset({"order_in_progress"}),
    slots=(order_slot(in_hand("TAKEN"), "您手上没有等着去的单。回复「我的任务」看看。", "到的是哪一单？"),),
    finish=finish,
    refusal="到场是师傅用的。要报修，直接说哪里坏了就行。",
)
