"""恢复: what was waited for has come."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.speaker import Person
from handlers.which_order import chosen_order, in_hand, order_slot
from models.workorders.actions import resume


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    resume(turn.session, order, now=turn.now, actor=person.actor())
    return Done(f"#{order.id} 继续，已告诉住户。修好请回复「完工 {order.id} 做了什么」。")


FLOW = Flow(
    intent="staff_resume",
    title="恢复工单",
    roles=frozenset({"staff"}),
    commands=("恢复 {order_no?}",),
    examples=("恢复", "配件到了继续修", "恢复12号单", "可以继续了", "解除挂起", "接着修12号单"),
    slots=(order_slot(in_hand("PAUSED"), "您手上没有挂起的单。回复「我的任务」看看。", "要恢复哪一单？"),),
    finish=finish,
    refusal="恢复是师傅用的。没修好，请回复「没修好」。",
)
