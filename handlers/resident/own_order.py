"""Which of their orders a resident means: by number, the only fitting one, or a choice of a few."""

from collections.abc import Callable, Collection

from bot.flow import Ask, Choice, Done, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from models.workorders.queries import find, orders_of_person
from models.workorders.states import STATE_NAMES
from models.workorders.tables import WorkOrder

SHOWN = 5


def order_slot(states: Collection[str], nothing: str, question: str) -> Slot:
    """The slot every flow about one order of one's own begins with.

    `states`: which orders fit when no number was said. `nothing`: what is said when none does. `question`: 「要催哪一张？」
    """
    return Slot(
        "order", take=_take, known=_only_one(states), ask=_ask(states, nothing, question), awaiting="choose_order"
    )


def chosen_order(turn: Turn) -> WorkOrder:
    """The order of the slot. Raises NotFound for a number that is nobody's or somebody else's, in the same words."""
    person: Person = turn.speaker
    return find(turn.session, person.actor(), int(turn.slots["order"]))


def fitting_orders(turn: Turn, states: Collection[str]) -> list[WorkOrder]:
    person: Person = turn.speaker
    found = orders_of_person(turn.session, person.account, person.openid, states=states, limit=SHOWN)
    return [line.order for line in found]


def order_line(order: WorkOrder) -> str:
    """#12 厨房水管漏水了（已接单）"""
    words = " ".join(order.problem.split())
    return f"#{order.id} {words[:18]}{'…' if len(words) > 18 else ''}（{STATE_NAMES[order.state]}）"


def _take(turn: Turn) -> Outcome:
    if turn.asked == "order" and turn.choice is not None:
        return Next(turn.choice)
    said = turn.said("order_no")
    if said is None and turn.asked == "order" and turn.text.strip().lstrip("#＃").isdecimal():
        said = int(turn.text.strip().lstrip("#＃"))
    return Next(int(said)) if said else None


def _only_one(states: Collection[str]) -> Callable[[Turn], int | None]:
    def known(turn: Turn) -> int | None:
        fitting = fitting_orders(turn, states)
        return fitting[0].id if len(fitting) == 1 else None

    return known


def _ask(states: Collection[str], nothing: str, question: str) -> Callable[[Turn], Question]:
    def ask(turn: Turn) -> Question:
        fitting = fitting_orders(turn, states)
        if not fitting:
            return Done(nothing)
        return Ask(question, tuple(Choice(order.id, order_line(order)) for order in fitting))

    return ask
