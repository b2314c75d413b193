"""Do these words tell what is broken? The answer to 「哪里坏了」 may be anything, but not everything is an answer."""

from bot.flow import Turn
from bot.router import CERTAIN, NEARLY
from handlers.wishes import module_of
from models.workorders.words import names_a_fault


def tells_what_is_wrong(turn: Turn, words: str) -> bool:
    """Any words may; a number, a yes, a room, a face or a question about money alone do not."""
    if names_a_fault(words):
        return True
    meaning = turn.meaning
    if meaning.intent in ("confirm", "deny", "provide_info") and (
        meaning.confidence >= CERTAIN or meaning.slots.get("answer") is not None
    ):
        return False
    if module_of(meaning.intent) and meaning.confidence >= NEARLY:
        return False
    return sum(letter.isalpha() for letter in words) >= 2
