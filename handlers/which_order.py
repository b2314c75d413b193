"""Which order somebody of the staff means: by number, the only one that fits, or a choice of a few."""

import re
from collections.abc import Callable, Collection

from bot.flow import Ask, Choice, Done, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from models.workorders.may import must_be_allowed
from models.workorders.queries import Line, find, line_of, orders_seen_by, tasks_of
from models.workorders.states import STATE_NAMES
from models.workorders.tables import WorkOrder

SHOWN = 8

Fitting = Callable[[Turn], list[Line]]


def in_hand(*states: str) -> Fitting:
    """The speaker's own orders in these states, the most urgent first."""

    def fitting(turn: Turn) -> list[Line]:
        person: Person = turn.speaker
        if person.staff is None:
            return []
        return tasks_of(turn.session, person.staff.id, states=states, limit=SHOWN)

    return fitting


def seen(*states: str) -> Fitting:
    """Everything the speaker may see in these states, the most urgent first."""

    def fitting(turn: Turn) -> list[Line]:
        person: Person = turn.speaker
        return orders_seen_by(turn.session, person.actor(), states=states, limit=SHOWN)

    return fitting


# A number that can only be an order's: #12, 让他去12号, 修12. Whoever says one never means another order. Not 12号楼, 修12米.
_ENDS = r"(?=$|[\s,，。;；!！?？、单去给派转交让了吧])"
_NUMBERED = re.compile(
    r"#\s*(\d{1,9})(?!\d)"
    rf"|(?<![\d月./-])(\d{{1,9}})号{_ENDS}"
    rf"|[派接修转退完撤并][单了掉]?\s*(\d{{1,9}})号?{_ENDS}"
)


def order_slot(fitting: Fitting, nothing: str, question: str, step: str = "") -> Slot:
    """The slot every flow about one order begins with. `nothing` is said when no order fits, `question` when several do.

    `step`: what is going to be done; an order it cannot be done to is refused before anything else is asked about it.
    """

    def take(turn: Turn) -> Outcome:
        taken = take_order_no(turn)
        if step and isinstance(taken, Next):
            person: Person = turn.speaker
            must_be_allowed(turn.session, _seen(turn, int(taken.value)), step, actor=person.actor(), now=turn.now)
        return taken

    return Slot("order", take=take, known=_only(fitting), ask=_ask(fitting, nothing, question))


def take_order_no(turn: Turn) -> Outcome:
    """A number of our list, or an order by its own number: one the speaker may see, or the answer is that there is none."""
    if turn.asked == "order" and turn.choice is not None:
        return Next(int(turn.choice))
    said = turn.said("order_no")
    bare = turn.text.strip().lstrip("#＃")
    if said is None and turn.asked == "order" and bare.isdecimal():
        said = bare
    if said is None and turn.asked in ("", "order"):
        said = _number_in(turn.text)
    return Next(_seen(turn, int(said)).id) if said else None


def _number_in(text: str) -> str | None:
    """The order's number in free words; None for none, or for several."""
    found = {number for match in _NUMBERED.finditer(text) for number in match.groups() if number}
    return found.pop() if len(found) == 1 else None


def chosen_order(turn: Turn) -> WorkOrder:
    """The order of the slot. Raises NotFound for one the speaker may not see."""
    return _seen(turn, int(turn.slots["order"]))


def place_of(turn: Turn, order: WorkOrder) -> str:
    return line_of(turn.session, order).where


def order_line(line: Line) -> str:
    """#12 P2 锦绣花园 3栋2单元501 厨房水管漏水（待接单）"""
    return f"#{line.order.id} {line.order.priority} {line.where} {short(line.order.problem)}（{STATE_NAMES[line.order.state]}）"


def short(words: str, limit: int = 16) -> str:
    """One line of at most `limit` characters."""
    words = " ".join(words.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def said_text(turn: Turn) -> str:
    """The free text behind an exact command, or ""."""
    return str(turn.said("text") or "").strip()


def free_words(turn: Turn, intent: str, verbs: Collection[str]) -> str:
    """What was said besides the command: the rest of 「完工 12 换了角阀」, or the whole of 「换了个角阀好了」."""
    if said := said_text(turn):
        return said
    whole = turn.text.strip()
    if turn.meaning.intent == intent and not whole.startswith(tuple(verbs)) and not whole.isdecimal():
        return whole
    return ""


def _seen(turn: Turn, order_id: int) -> WorkOrder:
    person: Person = turn.speaker
    return find(turn.session, person.actor(), order_id)


def _only(fitting: Fitting) -> Callable[[Turn], int | None]:
    def known(turn: Turn) -> int | None:
        found = fitting(turn)
        return found[0].order.id if len(found) == 1 else None

    return known


def _ask(fitting: Fitting, nothing: str, question: str) -> Callable[[Turn], Question]:
    def ask(turn: Turn) -> Question:
        found = fitting(turn)
        if not found:
            return Done(nothing)
        return Ask(question, tuple(Choice(line.order.id, order_line(line)) for line in found))

    return ask
