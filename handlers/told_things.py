"""What a sentence is about, as it is told outside: the kinds of trouble of domain reference 2.1 (6.2: several where several things are wrong)."""

from collections.abc import Iterator, Mapping
from functools import cache

from handlers.learned import OF_A_THING
from handlers.phrases.sentences import things

_ALWAYS = frozenset({"repair_report", "complaint"})  # what is to be mended or stopped is always something
_BY_THE_WAY = frozenset({"repair_urge", "repair_cancel", "repair_reschedule", "repair_rate"})
_NAMED = 0.3  # how much the words of things.tsv count beside what was learned (measured by cross-validation)
_SURE = 0.0  # how much must speak for a category
_SURE_BY_THE_WAY = 0.3
_MOST = 3


def categories_told(intent: str, words: str, said: Mapping[str, float]) -> list[str]:
    """The likeliest first. `said`: what was learned says about each category (handlers.learned.answers)."""
    if intent not in OF_A_THING | _BY_THE_WAY:
        return []
    named = _named(words)
    speaks = {name: much + _NAMED * named.get(name, 0.0) for name, much in said.items()}
    likely = sorted(speaks, key=lambda name: -speaks[name])[:_MOST]
    needed = _SURE if intent in OF_A_THING else _SURE_BY_THE_WAY
    sure = [name for name in likely if speaks[name] > needed]
    return sure or (likely[:1] if intent in _ALWAYS else [])


def _named(words: str) -> dict[str, float]:
    """category → its share of the characters that name a thing."""
    found: dict[str, float] = {}
    for word, categories in _seen(words.lower()):
        for category in categories:
            found[category] = found.get(category, 0.0) + len(word) / len(categories)
    whole = sum(found.values())
    return {category: length / whole for category, length in found.items()}


def _seen(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The words of things.tsv, always the longest that begins where the one before ended or later."""
    known, longest = _known()
    at = 0
    while at < len(text):
        length = next((n for n in range(min(longest, len(text) - at), 0, -1) if text[at : at + n] in known), 0)
        if length:
            yield text[at : at + length], known[text[at : at + length]]
        at += length or 1


@cache
def _known() -> tuple[dict[str, tuple[str, ...]], int]:
    known: dict[str, tuple[str, ...]] = {}
    for category, words in things().items():
        for word in words:
            known[word.lower()] = (*known.get(word.lower(), ()), category)
    return known, max(map(len, known))
