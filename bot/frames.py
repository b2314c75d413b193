"""Flows under way, as they are kept between messages: a small stack, the one being talked about on top."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from bot.flow import Ask, Choice

# Deeper than this nobody remembers what they were talking about.
DEEPEST = 3

GUESS = "?"  # the frame of 「您是要…吗？」
WAITS_FOR = "waits for"  # the slot that tells which flow may clear the way of one that was put aside
CONFIRM = "confirm"  # the last question of a flow that does something dangerous


@dataclass
class Frame:
    """One flow under way: what is known, what was asked last, and what the numbers of that question stand for."""

    flow: str
    slots: dict[str, Any] = field(default_factory=dict)
    asking: str = ""
    choices: list[list[Any]] = field(default_factory=list)  # [[value, label], …]

    def put_question(self, slot: str, ask: Ask) -> str:
        """Remember the question and give its words."""
        self.asking = slot
        self.choices = [[choice.value, choice.label] for choice in ask.choices]
        return question_words(ask)

    def chosen(self, words: str) -> tuple[bool, Any]:
        """(True, value) when the words are one of the numbers or labels of the open question.

        (True, None) for a number that was not on offer: it must not be taken for anything else.
        """
        words = words.strip()
        for number, (value, label) in enumerate(self.choices, start=1):
            if words in (str(number), label):
                return True, value
        return bool(self.choices) and words.isascii() and words.isdigit() and len(words) == 1, None


def question_words(ask: Ask) -> str:
    """The question and, if it has choices, one numbered line for each."""
    lines = [ask.say] + [f"{number}. {choice.label}" for number, choice in enumerate(ask.choices, start=1)]
    return "\n".join(lines)


def load(rows: list[Any]) -> list[Frame]:
    """Copies, because the row must still hold what it held for a change to be noticed."""
    return [Frame(**row) for row in deepcopy(rows)]


def dump(frames: list[Frame]) -> list[dict[str, Any]]:
    return [
        {"flow": frame.flow, "slots": frame.slots, "asking": frame.asking, "choices": frame.choices} for frame in frames
    ]


YES_OR_NO = (Choice(True, "是"), Choice(False, "不是"))
