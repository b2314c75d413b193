"""A picture was enough to report it; the words that follow it at once belong to it and are no second report."""

from datetime import datetime, timedelta
from typing import Any

from bot.flow import Detour, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.keepsakes import keepsake
from handlers.speaker import Person
from handlers.telling import tells_what_is_wrong
from models.workorders.actions import Reported, add_attachment
from models.workorders.attachments import Sent
from models.workorders.queries import find
from models.workorders.words import location_of, speaks_of_inside

# Longer than this nobody is still talking about the picture.
AT_ONCE = timedelta(minutes=3)


def say_more(turn: Turn, reported: Reported) -> Detour:
    """Listen a moment longer."""
    return Detour("say_more", {"order": reported.order.id, "until": (turn.now + AT_ONCE).isoformat()})


def take_more(turn: Turn) -> Outcome:
    """Another picture, or words that name no other place."""
    if turn.asked != "more" or turn.now > datetime.fromisoformat(turn.slots["until"]):
        return None
    kept = keepsake(turn.incoming)
    if kept is not None:
        return Next(kept)
    words = turn.text.strip()
    elsewhere = location_of(words) is not None or speaks_of_inside(words)
    return Next({"kind": "text", "text": words}) if not elsewhere and tells_what_is_wrong(turn, words) else None


def ask_more(turn: Turn) -> Question:
    """Said with the report; whoever comes back to it later is not asked again."""
    if turn.now > datetime.fromisoformat(turn.slots["until"]):
        return Done("")
    return "想补一句是哪里坏了，直接说就行；不补也可以。"


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    more: dict[str, Any] = turn.slots["more"]
    order = find(turn.session, person.actor(), int(turn.slots["order"]))
    add_attachment(turn.session, order, [Sent(**more)], now=turn.now, actor=person.actor())
    return Done(f"记在工单 #{order.id} 上了，师傅看得到。")


FLOW = Flow(
    intent="say_more",
    title="补充一句",
    slots=(Slot("more", take=take_more, ask=ask_more, free_text=True, answers=frozenset({"repair_report"})),),
    finish=finish,
)
