"""Greetings and thanks, answered like a person would, and 取消 when there is nothing to cancel."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person


def greet_back(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    name = f"{person.name}，" if person.name else ""
    if person.role in ("staff", "manager"):
        return Done(f"{name}您好。回复「帮助」看能说什么。")
    return Done(f"{name}您好！家里或小区哪里坏了，直接告诉我就行。")


def accept_thanks(turn: Turn) -> Outcome:
    return Done("不客气，有事随时说。")


def nothing_to_cancel(turn: Turn) -> Outcome:
    return Done("现在没有办到一半的事。要取消报修，请说「取消报修」加单号。")


GREETING = Flow(intent="greeting", title="打招呼", examples=EXAMPLES["greeting"], finish=greet_back, quick=True)
THANKS = Flow(intent="thanks", title="道谢", examples=EXAMPLES["thanks"], finish=accept_thanks, quick=True)
CANCEL = Flow(
    intent="cancel",
    title="取消",
    commands=("取消",),
    examples=EXAMPLES["cancel"],
    finish=nothing_to_cancel,
    quick=True,
)
FLOWS = (GREETING, THANKS, CANCEL)
