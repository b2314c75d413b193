"""Which of the known things somebody most likely means: nearness to example sentences.

Two measures are blended: how many telling characters and pairs of characters are shared (rare ones count more), and
how much of the sentence stays the same (rapidfuzz). The first finds the candidates, both decide. Figures are alike, so
「催单12」 is near 「催单3」.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from rapidfuzz import fuzz

from bot.understanding.commands import is_never_alone
from bot.understanding.normalise import standard
from bot.understanding.spec import IntentSpec

# Acts of any dialogue, whatever the business.
SMALL_TALK = frozenset({"greeting", "thanks", "confirm", "deny", "provide_info", "help", "out_of_scope", "cancel"})

_CANDIDATES = 24
_FIGURES = re.compile(r"\d+(?:[.-]\d+)*")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_MARKS = re.compile(r"[^\w#]+")
_FOREIGN = 0.75  # somebody else's intent must be much nearer to be believed
_AWAITED = 0.12  # what the dialogue waits for needs less to be believed


@dataclass(frozen=True)
class Ranked:
    """An intent with its nearness, 0–1; 1 is an example word for word."""

    intent: str
    score: float


def plain(text: str) -> str:
    """Standard text without marks, figures all alike."""
    return _MARKS.sub("", _FIGURES.sub("0", text.lower()))


def features(text: str) -> dict[str, int]:
    """Characters and pairs of characters with how often they occur; the edges count as characters of a pair."""
    counts: dict[str, int] = defaultdict(int)
    previous = "^"
    for char in text:
        counts[char] += 1
        counts[previous + char] += 1
        previous = char
    counts[previous + "$"] += 1
    return counts


@dataclass(frozen=True)
class _Example:
    text: str
    spec: IntentSpec


class Ranker:
    """Built once from all examples; `rank` is pure and safe to call from several threads."""

    def __init__(self, specs: Sequence[IntentSpec]) -> None:
        self._examples: list[_Example] = []
        self._exact: dict[str, list[IntentSpec]] = defaultdict(list)
        for spec in specs:
            # The words of a command are also the beginning of how people say it freely.
            verbs = [command.split()[0] for command in spec.commands if not is_never_alone(command)]
            for said in dict.fromkeys((*spec.examples, *verbs)):
                words = standard(said)
                self._exact[_bare(words)].append(spec)
                if not _bare(words).isdigit():
                    self._examples.append(_Example(plain(words), spec))
        self._weights = self._weigh()
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, example in enumerate(self._examples):
            for feature, value in self._vector(example.text).items():
                self._postings[feature].append((number, value))

    def _weigh(self) -> dict[str, float]:
        """How telling a feature is: in how few intents it occurs."""
        intents: dict[str, set[str]] = defaultdict(set)
        for example in self._examples:
            for feature in features(example.text):
                intents[feature].add(example.spec.intent)
        count = len({example.spec.intent for example in self._examples})
        return {feature: math.log(1 + count / len(found)) for feature, found in intents.items()}

    def _vector(self, text: str) -> dict[str, float]:
        unseen = math.log(1 + 6)  # a new character says that this is something else, but not loudly
        vector = {
            feature: (1 + math.log(times)) * self._weights.get(feature, unseen if len(feature) == 1 else 0.5)
            for feature, times in features(text).items()
        }
        length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
        return {feature: value / length for feature, value in vector.items()}

    def exact(self, text: str, role: str, awaiting: str) -> str | None:
        """The intent that has `text` (standard) among its examples, word for word: the awaited one first, then what is
        said in any dialogue (「好的」 is a yes where nobody waits for a worker to take an order), then the role's own.

        A bare figure is only ever an answer to something awaited.
        """
        bare = _bare(text)
        specs = self._exact.get(bare, ())
        for spec in specs:
            if awaiting and awaiting in spec.awaiting and spec.is_for(role):
                return spec.intent
        if bare.isdigit():
            return None
        own = [spec.intent for spec in specs if spec.is_for(role)]
        return next((intent for intent in own if intent in SMALL_TALK), own[0] if own else None)

    def rank(self, text: str, role: str, awaiting: str) -> list[Ranked]:
        """All intents near to `text` (standard), the nearest first."""
        words = plain(text)
        if not _CHINESE.search(words):
            return []  # code, nonsense, other languages: only an example word for word counts
        nearness: dict[int, float] = defaultdict(float)
        for feature, value in self._vector(words).items():
            for number, weight in self._postings.get(feature, ()):
                nearness[number] += value * weight
        best: dict[str, list[float]] = defaultdict(list)
        for number, cosine in sorted(nearness.items(), key=itemgetter(1), reverse=True)[:_CANDIDATES]:
            example = self._examples[number]
            score = 0.6 * cosine + 0.4 * fuzz.ratio(words, example.text) / 100
            score *= 1.0 if example.spec.is_for(role) else _FOREIGN
            score += _AWAITED if awaiting and awaiting in example.spec.awaiting else 0.0
            best[example.spec.intent].append(score)
        return _ordered(best.items())


def _ordered(found: Iterable[tuple[str, list[float]]]) -> list[Ranked]:
    """The nearest example decides; others of the same intent that are also near speak for it a little."""
    ranked = []
    for intent, scores in found:
        first, *others = sorted(scores, reverse=True)
        ranked.append(Ranked(intent, min(1.0, first + 0.05 * sum(others[:3]))))
    return sorted(ranked, key=lambda one: -one.score)


def _bare(text: str) -> str:
    return _MARKS.sub("", text.lower())


def confidence_of(ranked: list[Ranked]) -> float:
    """How far the nearest intent may be believed: by its nearness, less when another one is as near."""
    if not ranked:
        return 0.0
    best = ranked[0].score
    margin = best - (ranked[1].score if len(ranked) > 1 else 0.0)
    return max(0.0, min(0.97, 0.25 + 0.85 * best + min(margin, 0.2) - 0.12))
