"""派单: the manager sends whom they choose, and hears what speaks against it."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.which_colleague import chosen_colleague, colleague_slot
from handlers.which_order import chosen_order, order_slot, seen
from models.workorders.actions import dispatch_to


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order, worker = chosen_order(turn), chosen_colleague(turn)
    against = dispatch_to(turn.session, order, worker, now=turn.now, actor=person.actor())
    warning = f"\n请留意：{worker.name}{'、'.join(against)}。" if against else ""
    return Done(f"#{order.id} 已派给{worker.name}，等他接单。{warning}\n看经过请回复「工单 {order.id}」。")


FLOW = Flow(
    intent="manager_dispatch",
    title="派单",
    roles=frozenset({"manager", "lead"}),
    commands=("派单 {order_no?} {assignee?}",),
    examples=EXAMPLES["manager_dispatch"],
    slots=(
        order_slot(
            seen("NEW", "ACCEPTED"), "没有等着派的单。要换人请说「派单 工单号 姓名」。", "要派哪一单？", "dispatch"
        ),
        colleague_slot("派给谁？请说姓名，比如「陈师傅」。"),
    ),
    finish=finish,
    refusal="派单要由经理来做。要报修，直接说哪里坏了就行。",
)
