"""为什么超时: how the time of an order was counted, step by step. For the owner, the worker and the manager alike."""

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.resident.own_order import order_line
from handlers.speaker import Person
from models.workorders.actors import Actor
from models.workorders.clock_rules import rules_of
from models.workorders.queries import asked_about, find
from models.workorders.watch import read
from models.workorders.why_late import explain

SHOWN = 8
NOTHING = "现在没有在等的单，也就没有超时的。"


def take_number(turn: Turn) -> Outcome:
    if turn.asked == "order" and turn.choice is not None:
        return Next(int(turn.choice))
    said = turn.said("order_no")
    bare = turn.text.strip().lstrip("#＃")
    if said is None and turn.asked == "order" and bare.isdecimal():
        said = bare
    return Next(int(said)) if said else None


def known(turn: Turn) -> int | None:
    found = _fitting(turn)
    return found[0] if len(found) == 1 else None


def ask(turn: Turn) -> Question:
    found = asked_about(turn.session, _actor(turn), turn.now, limit=SHOWN)
    if not found:
        return Done(NOTHING)
    return Ask("要看哪一张的时间？", tuple(Choice(line.order.id, order_line(line.order)) for line in found))


def finish(turn: Turn) -> Outcome:
    order = find(turn.session, _actor(turn), int(turn.slots["order"]))
    rules = rules_of(turn.session, order.company_id, turn.now).of(order.community_id)
    reading = read(turn.session, order, rules, turn.now)
    return Done("\n".join(explain(order.id, order.state, reading.facts, reading.clocks, rules, turn.now)))


def _fitting(turn: Turn) -> list[int]:
    return [line.order.id for line in asked_about(turn.session, _actor(turn), turn.now, limit=2)]


def _actor(turn: Turn) -> Actor:
    person: Person = turn.speaker
    return person.actor()


FLOW = Flow(
    intent="repair_why_late",
    title="看时间怎么算的",
    commands=("为什么超时 {order_no?}",),
    examples=EXAMPLES["repair_why_late"],
    slots=(Slot("order", take=take_number, known=known, ask=ask, awaiting="choose_order"),),
    finish=finish,
    quick=True,
)
