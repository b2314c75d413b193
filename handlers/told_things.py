"""What a sentence is about, as it is told outside: the kinds of trouble of domain reference 2.1 (6.2: several where several things are wrong)."""

import math
from collections.abc import Iterator, Mapping
from functools import cache

from handlers.phrases.sentences import things

# What is to be mended or stopped is always something.
_ALWAYS = frozenset({"repair_report", "complaint"})
# Of other intents about service to things how much must speak for the likeliest kind. Money, polls and accounts tell none.
_OF_A_THING = dict.fromkeys(
    (
        *("repair_reopen", "repair_status", "repair_urge", "repair_cancel", "repair_reschedule", "price_query"),
        *("inspection_report", "maintenance_done", "equipment_query"),
        *("manager_broadcast", "manager_dispatch", "notice_list", "feedback"),
    ),
    -0.3,
)
_BY_THE_WAY = dict.fromkeys(
    (
        *("staff_accept", "staff_arrive", "staff_done", "staff_pause", "staff_transfer", "staff_my_tasks"),
        *("repair_rate", "meter_reading", "help"),
    ),
    -0.1,
)
_NEEDED = {**dict.fromkeys(_ALWAYS, -math.inf), **_OF_A_THING, **_BY_THE_WAY}
# What people complain of is conduct, what they have mended a thing: how much less speaks for the other kinds (measured, too).
_CONDUCT = frozenset(("噪音", "宠物", "服务态度", "违建"))
_MAY_BE_CONDUCT = _CONDUCT | {"安保", "高空抛物", "其他", "停车", "保洁", "电动车", "消防", "绿化", "充电桩"}
_NO_CONDUCT, _NO_THING = 0.6, 0.5
_NAMED = 0.2  # how much the words of things.tsv count beside what was learned (measured, too)
_BESIDE = 0.15  # how much must speak for another kind besides: often it is the place, or what suffers from the fault
_MOST = 3


def categories_told(intent: str, words: str, said: Mapping[str, float]) -> list[str]:
    """The likeliest first. `said`: what was learned says about each category (handlers.learned.answers)."""
    if intent not in _NEEDED:
        return []
    named = _named(words)
    speaks = {name: much + _NAMED * named.get(name, 0.0) - _strange(intent, name) for name, much in said.items()}
    first, *others = sorted(speaks, key=lambda name: -speaks[name])[:_MOST]
    if speaks[first] <= _NEEDED[intent]:
        return []
    return [first, *(name for name in others if speaks[name] > _BESIDE)]


def _strange(intent: str, category: str) -> float:
    if intent == "complaint" and category not in _MAY_BE_CONDUCT:
        return _NO_CONDUCT
    return _NO_THING if intent == "repair_report" and category in _CONDUCT else 0.0


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
