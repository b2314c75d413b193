"""Which colleague is meant: by any usual name, or a choice of those who could go."""

from collections.abc import Callable

from bot.flow import Again, Ask, Choice, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from models.people.tables import Staff
from models.workorders.candidates import could_go
from models.workorders.queries import staff_called, staff_named_in
from models.workorders.tables import WorkOrder

SHOWN = 8


def colleague_slot(question: str) -> Slot:
    """The slot after `order`. `question` says who is wanted; those who could go are offered by number."""
    return Slot("colleague", take=take_colleague, ask=_ask(question), free_text=True)


def take_colleague(turn: Turn) -> Outcome:
    if turn.asked == "colleague" and turn.choice is not None:
        return Next(int(turn.choice))
    person: Person = turn.speaker
    asked = turn.asked == "colleague"
    # 「转单 12」 said once more is the command again, and nobody's name.
    again = turn.meaning.confidence == 1.0 and turn.said("order_no") is not None
    name = str(turn.said("assignee") or (turn.text if asked and not again else "")).strip()
    found = staff_called(turn.session, person.company_id or 0, name) if name else []
    found = found or (staff_named_in(turn.session, person.company_id or 0, turn.text) if turn.text else [])
    if len(found) == 1:
        return Next(found[0].id)
    turn.slots.pop("colleagues", None)
    turn.slots["unknown"] = name
    if found:
        turn.slots["colleagues"] = [[staff.id, staff.name] for staff in found]
    return Again(_nobody_called(name)) if asked and name and not found else None


def chosen_colleague(turn: Turn) -> Staff:
    return turn.session.get_one(Staff, int(turn.slots["colleague"]))


def _nobody_called(name: str) -> str:
    return f"没有找到叫「{name}」的同事，请说全名，比如「陈师傅」。"


def _ask(question: str) -> Callable[[Turn], Question]:
    def ask(turn: Turn) -> Question:
        named = turn.slots.get("colleagues", [])
        if named:
            return Ask("是哪一位？", tuple(Choice(number, name) for number, name in named))
        unknown = turn.slots.pop("unknown", "")
        order = turn.session.get_one(WorkOrder, int(turn.slots["order"]))
        choices = tuple(Choice(one.staff_id, one.label) for one in could_go(turn.session, order)[:SHOWN])
        return Ask(f"{_nobody_called(unknown)}\n{question}" if unknown and not turn.asked else question, choices)

    return ask
