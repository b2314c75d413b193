"""The written sentences: every label is known, and nothing is judged by what was learned."""

import re

import pytest

from bot.understanding.meaning import ROLES
from handlers.phrases import EXAMPLES
from handlers.phrases.sentences import CORPUS, EVALUATION, Sentence, ideas, sentences

STATES = {
    *("", "awaiting_rating", "poll_open", "order_pushed", "order_in_progress", "confirm", "confirm_broadcast"),
    *("ask_location", "ask_time", "ask_phone", "ask_house", "choose_house"),
}
STYLES = {"plain", "short", "dialect", "asr", "typo", "elderly", "angry", "multi", "negation", "hostile"}
SLOTS = {
    *("category", "location", "house", "priority", "period", "months", "days", "count", "amount", "fee_item", "rating"),
    *("option", "appointment", "reading", "order_no", "assignee", "phone", "also"),
}
LEARNED, JUDGED = list(sentences(CORPUS)), list(sentences(EVALUATION))


@pytest.mark.parametrize("said", [LEARNED, JUDGED], ids=["corpus", "evaluation"])
def test_every_label_is_known(said: list[Sentence]) -> None:
    wrong = [one for one in said if not _is_known(one)]
    assert wrong == []


def _is_known(one: Sentence) -> bool:
    also = one.slots.get("also", ())
    return (
        {one.intent, *also} <= set(EXAMPLES)
        and one.role in ROLES
        and one.awaiting in STATES
        and one.style in STYLES
        and set(one.slots) <= SLOTS
        and set(one.slots.get("priority", ())) <= {"P0", "P1", "P2", "P3"}
    )


def test_no_sentence_is_both_learned_and_judged() -> None:
    assert {_bare(one) for one in LEARNED} & {_bare(one) for one in JUDGED} == set()


def _bare(one: Sentence) -> str:
    return re.sub(r"\W", "", one.text) or one.text


def test_there_is_enough_of_both() -> None:
    assert len(LEARNED) >= 6000
    assert len(JUDGED) >= 1000


def test_ideas_are_words_of_at_most_eight_characters() -> None:
    assert [word for word in ideas() if len(word) > 8] == []
