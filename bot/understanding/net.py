"""A small net beside the linear model: one layer of hidden units over the same traits, and for each question one label the answer.

It errs on other sentences than the linear model does, so both together err less than either (docs/understanding.md). The questions share
the hidden units: what is wanted and what it is about teach each other (multitask learning: Caruana, 1997). While it learns,
half of a sentence's traits are left out each time, by chance from a fixed beginning, so that it does not rely on single words
(dropout: Srivastava et al., 2014); the steps are those of AdaGrad (Duchi et al., 2011), one size a trait.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.understanding.kept import Arrays, keep, kept
from bot.understanding.keys import Keys, key_of, rows_of
from bot.understanding.learned import Lesson

NONE = ""  # the answer where a question has none

_HIDDEN = 160
_ROUNDS = 7
_LEAST = 9  # a trait of fewer sentences is left to the linear model
_LEFT_OUT = 0.5
_AT_ONCE = 64
_STEP, _SLOWER = 0.15, 0.8  # each round's steps are smaller than those before
_STEP_ABOVE = 0.3  # how large the steps of the hidden units' own weights are beside those of the traits
_FINEST = 127  # weights of traits are kept in steps of 1/127 of the trait's largest

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


class Net:
    """A net ready for use; reading it is safe from several threads. `labels`: question → what may be answered, NONE among it."""

    def __init__(self, labels: Mapping[str, Sequence[str]], parts: Arrays) -> None:
        self._labels = {question: tuple(each) for question, each in labels.items()}
        self._spans = _spans(self._labels)
        self._parts = dict(parts)  # as they are kept: keys, steps, step, bias, above, bias_above
        self._keys: Keys = self._parts["keys"]

    def answers(self, traits: Iterable[str]) -> dict[str, dict[str, float]]:
        """question → label → how likely it is; together 1 a question."""
        rows, known = rows_of(self._keys, traits)
        rows = rows[known]
        spoken = self._parts["step"][rows] @ self._parts["steps"][rows].astype(np.float32)
        hidden = np.maximum(self._parts["bias"] + spoken * np.float32(max(len(rows), 1) ** -0.5), 0)
        sums = hidden @ self._parts["above"] + self._parts["bias_above"]
        return {
            question: dict(zip(labels, _shares(sums[span]).tolist(), strict=True))
            for (question, labels), span in zip(self._labels.items(), self._spans, strict=True)
        }

    def save(self, path: Path, fingerprint: str) -> None:
        keep(path, fingerprint, self._labels, self._parts)

    @classmethod
    def load(cls, path: Path, fingerprint: str) -> "Net | None":
        """None when there is no such file, or it was learned from other sentences."""
        found = kept(path, fingerprint)
        return None if found is None else cls(*found)


def learn_net(lessons: Sequence[Lesson], questions: Sequence[str]) -> Net:
    """What the lessons answer to these questions; an answer that has no label is NONE. About a minute for ninety thousand."""
    keys = [list(dict.fromkeys(map(key_of, lesson.traits))) for lesson in lessons]
    counts = Counter(key for each in keys for key in each)
    known = sorted(key for key, count in counts.items() if count >= _LEAST)
    row = {key: number for number, key in enumerate(known)}
    rows = [np.array([row[key] for key in each if key in row], dtype=np.int64) for each in keys]
    labels = {question: _labels_of(lessons, question) for question in questions}
    learner = _Learner.new(len(known), _spans(labels))
    learner.learn(rows, _right(lessons, labels))
    step = np.abs(learner.below).max(axis=1) / np.float32(_FINEST) + np.float32(1e-12)
    parts = {
        "keys": np.array(known, dtype=np.uint64),
        "steps": np.rint(learner.below / step[:, None]).astype(np.int8),
        "step": step,
        "bias": learner.bias,
        "above": learner.above,
        "bias_above": learner.bias_above,
    }
    return Net(labels, parts)


def _labels_of(lessons: Sequence[Lesson], question: str) -> tuple[str, ...]:
    answers = [lesson.answers[question] for lesson in lessons if question in lesson.answers]
    return tuple(sorted({label for right in answers for label in right or {NONE}}))


def _spans(labels: Mapping[str, Sequence[str]]) -> list[slice]:
    """Where the labels of each question stand among all of them."""
    ends = list(accumulate(map(len, labels.values())))
    return [slice(end - len(each), end) for end, each in zip(ends, labels.values(), strict=True)]


def _right(lessons: Sequence[Lesson], labels: Mapping[str, Sequence[str]]) -> Floats:
    """Sentences × all labels: the right ones of a question share 1; all 0 where a sentence does not answer it."""
    column = {name: at for at, name in enumerate((q, label) for q, each in labels.items() for label in each)}
    right = np.zeros((len(lessons), len(column)), np.float32)
    for number, lesson in enumerate(lessons):
        for question in labels.keys() & lesson.answers.keys():
            names = lesson.answers[question] or {NONE}
            right[number, [column[question, label] for label in names]] = 1 / len(names)
    return right


@dataclass
class _Learner:
    below: Floats  # traits × hidden units
    bias: Floats
    above: Floats  # hidden units × labels
    bias_above: Floats
    spans: Sequence[slice]  # the labels of each question
    chance: np.random.RandomState

    @classmethod
    def new(cls, traits: int, spans: Sequence[slice]) -> "_Learner":
        chance, labels = np.random.RandomState(0), spans[-1].stop
        below = (chance.randn(traits, _HIDDEN) * 0.1).astype(np.float32)
        above = (chance.randn(_HIDDEN, labels) * _HIDDEN**-0.5).astype(np.float32)
        return cls(below, np.zeros(_HIDDEN, np.float32), above, np.zeros(labels, np.float32), spans, chance)

    def learn(self, rows: Sequence[Rows], right: Floats) -> None:
        self._moved = np.full(len(self.below), 1e-3, np.float32)  # how much each trait was moved so far
        self._moved_above = [np.full_like(part, 1e-3) for part in (self.above, self.bias_above, self.bias)]
        step = _STEP
        for _ in range(_ROUNDS):
            order = self.chance.permutation(len(rows))
            for first in range(0, len(order), _AT_ONCE):
                some = order[first : first + _AT_ONCE]
                self._learn_some([self._half_of(rows[one]) for one in some], right[some], step)
            step *= _SLOWER

    def _half_of(self, rows: Rows) -> Rows:
        return rows[self.chance.rand(len(rows)) > _LEFT_OUT]

    def _learn_some(self, rows: Sequence[Rows], right: Floats, step: float) -> None:
        whose = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
        if not len(whose):
            return
        traits = np.concatenate(rows)
        sizes = (np.bincount(whose, minlength=len(rows)).clip(1) ** -0.5).astype(np.float32)[:, None]
        first = np.flatnonzero(np.r_[True, whose[1:] != whose[:-1]])
        sums = np.zeros((len(rows), _HIDDEN), np.float32)
        sums[whose[first]] = np.add.reduceat(self.below[traits], first, axis=0)
        hidden = np.maximum(sums * sizes + self.bias, 0)
        wrong = self._wrong(hidden @ self.above + self.bias_above, right)
        back = (wrong @ self.above.T) * (hidden > 0)
        self._move_above(hidden, wrong, back, step)
        self._move_below(traits, (back * sizes)[whose], step)

    def _wrong(self, sums: Floats, right: Floats) -> Floats:
        """By how much each answer is too likely; nothing where a sentence does not answer the question."""
        wrong = np.zeros_like(sums)
        for span in self.spans:
            answered = right[:, span].any(axis=1)
            wrong[answered, span] = _shares(sums[answered, span]) - right[answered, span]
        return wrong

    def _move_above(self, hidden: Floats, wrong: Floats, back: Floats, step: float) -> None:
        moved, bias_moved, hidden_moved = self._moved_above
        share, step = np.float32(8 / _AT_ONCE), step * _STEP_ABOVE
        self.above -= _move(hidden.T @ wrong * share, moved, step)
        self.bias_above -= _move(wrong.sum(axis=0) * share, bias_moved, step)
        self.bias -= _move(back.sum(axis=0) * share, hidden_moved, step)

    def _move_below(self, traits: Rows, slopes: Floats, step: float) -> None:
        """A trait that stands in several of the sentences is moved once, by their sum."""
        order = np.argsort(traits, kind="stable")
        ordered = traits[order]
        first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        each = ordered[first]
        slope = np.add.reduceat(slopes[order], first, axis=0)
        self._moved[each] += (slope * slope).mean(axis=1)
        self.below[each] -= np.float32(step) * slope / np.sqrt(self._moved[each])[:, None]


def _move(slope: Floats, moved: Floats, step: float) -> Floats:
    """How far to go along a slope; `moved` remembers it."""
    moved += slope * slope
    far: Floats = (step * slope / np.sqrt(moved)).astype(np.float32)
    return far


def _shares(sums: Floats) -> Floats:
    """Softmax over the last axis."""
    odds: Floats = np.exp(sums - sums.max(axis=-1, keepdims=True))
    shares: Floats = odds / odds.sum(axis=-1, keepdims=True)
    return shares
