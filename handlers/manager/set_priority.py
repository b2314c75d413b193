"""优先 N P0–P3: how urgent something is, by the office's word."""

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.which_order import chosen_order, order_slot, seen
from models.workorders.actions import change_priority
from models.workorders.states import OPEN, PRIORITY_NAMES

ASK_PRIORITY = Ask("改成哪一级？", tuple(Choice(code, f"{code} {name}") for code, name in PRIORITY_NAMES.items()))


def take_priority(turn: Turn) -> Outcome:
    if turn.asked == "priority" and turn.choice is not None:
        return Next(str(turn.choice))
    said = turn.said("priority")
    return Next(str(said).upper()) if said else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order, priority = chosen_order(turn), turn.slots["priority"]
    sent = change_priority(turn.session, order, priority, now=turn.now, actor=person.actor())
    then = ""
    if sent is not None:
        then = f"已派给{sent.worker.name}。" if sent.worker else sent.why
    return Done(f"#{order.id} 改为 {priority} {PRIORITY_NAMES[priority]}。{then}看经过请回复「工单 {order.id}」。")


FLOW = Flow(
    intent="manager_priority",
    title="改优先级",
    roles=frozenset({"manager"}),
    commands=("优先 {order_no?} {priority?}",),
    examples=EXAMPLES["manager_priority"],
    slots=(
        order_slot(seen(*sorted(OPEN)), "现在没有没办完的工单。", "要改哪一单？", "set_priority"),
        Slot("priority", take=take_priority, ask=lambda turn: ASK_PRIORITY),
    ),
    finish=finish,
    refusal="优先级由物业来定。着急请回复「催单」，有危险请直接说是什么情况。",
)
