"""Which colleague is meant: by any usual name, or a choice when there are two of it."""

from collections.abc import Callable

from bot.flow import Again, Ask, Choice, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from models.people.tables import Staff
from models.workorders.queries import staff_called


def colleague_slot(question: str) -> Slot:
    return Slot("colleague", take=take_colleague, ask=_ask(question), free_text=True)


def take_colleague(turn: Turn) -> Outcome:
    if turn.asked == "colleague" and turn.choice is not None:
        return Next(int(turn.choice))
    asked = turn.asked == "colleague"
    name = str(turn.said("assignee") or (turn.text if asked else "")).strip()
    if not name:
        return None
    person: Person = turn.speaker
    found = staff_called(turn.session, person.company_id or 0, name)
    if len(found) == 1:
        return Next(found[0].id)
    if not found:
        turn.slots.pop("colleagues", None)
        return Again(f"没有找到叫「{name}」的同事，请说全名，比如「陈师傅」。") if asked else None
    turn.slots["colleagues"] = [[staff.id, staff.name] for staff in found]
    return None


def chosen_colleague(turn: Turn) -> Staff:
    return turn.session.get_one(Staff, int(turn.slots["colleague"]))


def _ask(question: str) -> Callable[[Turn], Question]:
    def ask(turn: Turn) -> Question:
        named = turn.slots.get("colleagues", [])
        return Ask("是哪一位？", tuple(Choice(number, name) for number, name in named)) if named else question

    return ask
