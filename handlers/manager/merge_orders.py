"""合并 N M: the same trouble reported twice; the first joins the second."""

import re

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_order import chosen_order, order_slot, said_text, seen
from models.workorders.actions import merge
from models.workorders.queries import find


def take_into(turn: Turn) -> Outcome:
    """The second number: 13 in 「合并 12 13」 or 「合并 12 到 13」."""
    words = turn.text if turn.asked == "into" else said_text(turn)
    number = re.search(r"\d{1,9}", words)
    return Next(int(number.group())) if number else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order, into = chosen_order(turn), find(turn.session, person.actor(), int(turn.slots["into"]))
    merge(turn.session, order, into, now=turn.now, actor=person.actor())
    return Done(f"#{order.id} 已并入 #{into.id}，报修人会收到 #{into.id} 的进展。")


FLOW = Flow(
    intent="manager_merge_orders",
    title="合并工单",
    roles=frozenset({"manager"}),
    commands=("合并 {order_no?} {text?}",),
    examples=("合并", "把12号单并到13号单", "12和13是一件事合并一下", "合并工单"),
    slots=(
        order_slot(
            seen("NEW", "ACCEPTED", "DISPATCHED"),
            "没有可以合并的单，只有还没人接的才能合并。",
            "要合并哪一单？",
            "merge",
        ),
        Slot("into", take=take_into, ask="并到哪一单？请说工单号。", free_text=True),
    ),
    finish=finish,
    refusal="合并工单由物业来做。",
)
