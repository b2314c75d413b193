"""The model of the program: what it learns from, and where it is kept.

Two look at every sentence: a linear model, which answers every question, and a small net beside it, which says what is wanted, what it is
about and how urgent it is. The repository holds both ready-made (phrases/learned.npz and net.npz, made by `python -m handlers.learned`).
Who changes a sheet of phrases/corpus or phrases/ideas.tsv gets new ones: they are learned when the program next starts, in two or three
minutes, and kept beside.
"""

import logging
import math
import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol, TypeVar

from bot.understanding import learned as learning
from bot.understanding import net as learning_more
from bot.understanding import traits as looking
from bot.understanding.learned import Learned, Lesson, learn
from bot.understanding.net import NONE, Net, learn_net
from bot.understanding.normalise import standard
from bot.understanding.traits import Traits
from handlers.phrases import EXAMPLES
from handlers.phrases.sentences import CORPUS, HERE, Sentence, fingerprint, ideas, sentences, things
from models.workorders.urgency import is_life_threatening, kinds_of_danger
from models.workorders.words import categories_of, names_a_fault

READY_MADE, NET_READY_MADE = HERE / "learned.npz", HERE / "net.npz"
INTENT, CATEGORY, PRIORITY, FEE_ITEM, ALSO = "intent", "category", "priority", "fee_item", "also"
STEEPNESS = 4.5
DANGER = -2.6
_NET_OF_DANGER, _REPORT, _BY_RULE = 2.0, 0.8, 0.2  # how much each counts beside what the linear model says

log = logging.getLogger(__name__)


def signs(text: str) -> Iterator[str]:
    """What the business's own rules see in a sentence."""
    if names_a_fault(text):
        yield "fault"
    yield from (f"danger {kind}" for kind in kinds_of_danger(text))
    yield from (f"category {category}" for category in categories_of(text)[:3])


@cache
def traits() -> Traits:
    return Traits(ideas(), signs)


@cache  # it takes a moment and never changes: several apps of one process share it
def learned() -> Learned:
    return _ready(READY_MADE, Learned.load, learn_all)


@cache
def net() -> Net:
    return _ready(NET_READY_MADE, Net.load, learn_beside)


class _Kept(Protocol):
    def save(self, path: Path, fingerprint: str) -> None: ...


_Model = TypeVar("_Model", bound=_Kept)


def _ready(ready_made: Path, load: Callable[[Path, str], _Model | None], teach: Callable[[], _Model]) -> _Model:
    """As the repository holds it; else as this installation learned it before; else learned now."""
    mark = _mark()
    here_made = ready_made.with_suffix(".here.npz")  # of this installation, not of the repository
    model = load(ready_made, mark) or load(here_made, mark)
    if model is None:
        log.warning("the sheets of phrases/corpus have changed: learning from them, which takes two or three minutes")
        model = teach()
        _keep(model, here_made, mark)
    return model


def _keep(model: _Kept, here_made: Path, mark: str) -> None:
    beside = here_made.with_suffix(f".{os.getpid()}")
    try:
        model.save(beside, mark)
        beside.replace(here_made)
    except OSError as refused:
        log.warning("what was learned is not kept, and will be learned again at the next start: %s", refused)


def in_danger(text: str, role: str = "owner", awaiting: str = "") -> bool:
    """Is somebody in danger (P0)? What both models say of danger, what they say of a report at all (a sentence that surely wants something
    else needs more), and a little by the signs of the rule.

    The weights and the limit were measured by sentences of others than those that were learned: from there on false alarms grow
    faster than what is found.
    """
    words = standard(text)
    if not any(character.isalnum() for character in words):
        return False  # marks and faces alone tell nothing that somebody could be sent to
    speaks = answers(words, role, awaiting)[PRIORITY]["P0"]
    speaks += _NET_OF_DANGER * (2 * _by_net(words, role, awaiting)[PRIORITY]["P0"] - 1)
    speaks += _REPORT * math.log(judge(words, role, awaiting)["repair_report"] + 0.01)
    by_rule = is_life_threatening(words) or is_life_threatening(text)
    return speaks + _BY_RULE * by_rule > DANGER


@lru_cache(maxsize=64)  # one message is looked at from several sides; each entry takes ten kilobytes
def answers(words: str, role: str, awaiting: str) -> Mapping[str, Mapping[str, float]]:
    """What the model answers to each question about `words` (standard text)."""
    return learned().answers(_traits_of(words, role, awaiting))


@lru_cache(maxsize=64)
def judge(words: str, role: str, awaiting: str) -> Mapping[str, float]:
    """How likely each intent is: the mean of what both models say. Of the sentences it was judged by, those said to be 80 % sure or more
    were right nine times in ten."""
    sums = answers(words, role, awaiting)[INTENT]
    most = max(sums.values())
    odds = {intent: math.exp(STEEPNESS * (value - most)) for intent, value in sums.items()}
    whole = sum(odds.values())
    likely = _by_net(words, role, awaiting)[INTENT]
    return {intent: (odd / whole + likely[intent]) / 2 for intent, odd in odds.items()}


def kinds(words: str, role: str, awaiting: str) -> Mapping[str, float]:
    """How much speaks for each category of trouble, by both models: above 0 more than speaks for none."""
    by_net = _by_net(words, role, awaiting)[CATEGORY]
    said = answers(words, role, awaiting)[CATEGORY]
    return {category: much + by_net[category] - by_net[NONE] for category, much in said.items()}


@lru_cache(maxsize=64)
def _by_net(words: str, role: str, awaiting: str) -> Mapping[str, Mapping[str, float]]:
    return net().answers(_traits_of(words, role, awaiting))


@lru_cache(maxsize=4)  # both models look at the same
def _traits_of(words: str, role: str, awaiting: str) -> tuple[str, ...]:
    return traits().of(words, role, awaiting)


def learn_all() -> Learned:
    return learn(list(lessons()))


def learn_beside() -> Net:
    return learn_net(list(lessons()), (INTENT, CATEGORY, PRIORITY))


def lessons() -> Iterator[Lesson]:
    yield from (lesson_of(sentence) for sentence in sentences(CORPUS))
    known = {sentence.intent for sentence in sentences(CORPUS)}
    for intent, said in EXAMPLES.items():
        for text in said:
            if intent in known and not text.isdigit():
                answers = {INTENT: frozenset({intent})}
                yield Lesson(traits().of_text(text, _role_of(intent), ""), answers)
    for (
        category,
        words,
    ) in things().items():  # a word by itself teaches what a sentence with it is about, and nothing else
        for word in words:
            yield Lesson(traits().of_text(word, "", ""), {CATEGORY: frozenset({category})})


def lesson_of(sentence: Sentence) -> Lesson:
    slots = sentence.slots
    answers = {
        INTENT: frozenset({sentence.intent}),
        CATEGORY: frozenset(slots.get("category", ())),  # none where it is only spoken of: that is learned, too
        FEE_ITEM: frozenset(slots.get("fee_item", ())),
        PRIORITY: frozenset(slots.get("priority", ())),
    }
    return Lesson(traits().of_text(sentence.text, sentence.role, sentence.awaiting), answers)


def _role_of(intent: str) -> str:
    return next((role for role in ("manager", "staff") if intent.startswith(role)), "owner")


@cache
def _mark() -> str:
    """What the model depends on: the sentences, the ideas, and how a sentence is looked at, learned from and asked about."""
    return fingerprint(Path(__file__), *(Path(str(module.__file__)) for module in (learning, learning_more, looking)))


if __name__ == "__main__":
    learn_all().save(READY_MADE, _mark())
    learn_beside().save(NET_READY_MADE, _mark())
