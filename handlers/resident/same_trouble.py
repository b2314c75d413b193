"""是不是同一件事？ Somebody else reported the same place less than an hour ago: one tap joins the two."""

from bot.flow import Ask, Detour, Done, Flow, Next, Outcome, Question, Slot, Turn
from bot.frames import YES_OR_NO
from bot.steps import said_yes
from handlers.speaker import Person
from models.workorders.actions import Reported, merge
from models.workorders.queries import alike_order, find

TITLE = "并到一起"


def same_trouble(reported: Reported) -> Detour | None:
    """The question to ask after this report, if there is one. Danger is never merged, and nobody is asked about it."""
    if reported.alike is None or reported.order.danger:
        return None
    return Detour("same_trouble", {"order": reported.order.id, "into": reported.alike})


def take_same(turn: Turn) -> Outcome:
    agreed = said_yes(turn) if turn.asked == "same" else None
    return Next(agreed) if agreed is not None else None


def ask_same(turn: Turn) -> Question:
    into = turn.slots["into"]
    return Ask(f"刚才已有人报过这里（#{into}）。是不是同一件事？回复 1 就并到一起，您照样收到进展。", YES_OR_NO)


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order_id, into_id = int(turn.slots["order"]), int(turn.slots["into"])
    if not turn.slots["same"]:
        return Done(f"好的，#{order_id} 单独处理。")
    order = find(turn.session, person.actor(), order_id)
    into = alike_order(turn.session, order, into_id)
    merge(turn.session, order, into, now=turn.now, actor=person.actor())
    return Done(f"好的，#{order_id} 已并到 #{into_id} 一起处理，有进展照样告诉您。")


FLOW = Flow(
    intent="same_trouble",
    title=TITLE,
    slots=(Slot("same", take=take_same, ask=ask_same, awaiting="confirm"),),
    finish=finish,
)
