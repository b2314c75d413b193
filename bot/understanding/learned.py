"""What was learned from written sentences: a linear model, one line of weights for every trait a sentence can have.

For every label of every question ("intent", "category", …) the model holds one weight a trait and answers by their sum: above 0 speaks
for the label, below 0 against it. So every answer can be explained by the traits that spoke for it (`Learned.reasons`).

Learning is the dual coordinate descent of linear support vector machines (Hsieh et al., 2008), all labels side by side. It knows no chance
but a fixed one: the same lessons give the same model.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.understanding.kept import Arrays, keep, kept
from bot.understanding.keys import Keys, key_of, rows_of

_ROUNDS = 12  # more changes nothing that can be measured
_FREEDOM = 5.0  # how dear a mistake is (C); measured by sentences of other writers
_LEAST = 6  # a trait of fewer sentences teaches little about the next
_FINEST = 127  # weights are kept in steps of 1/127 of the trait's largest

Floats = NDArray[np.float32]
Steps = NDArray[np.int8]


@dataclass(frozen=True)
class Lesson:
    """One sentence by its traits, and the right labels of each question it answers."""

    traits: tuple[str, ...]
    answers: Mapping[str, frozenset[str]]


class Learned:
    """A model ready for use; reading it is safe from several threads.

    Weights are whole steps, one size of step a trait: a quarter of the memory of floats, and no answer changes. Traits are kept as
    ascending keys of 64 bits instead of their words, which would take more memory than all weights.
    """

    def __init__(self, keys: Keys, labels: Sequence[tuple[str, str]], steps: Steps, step: Floats, bias: Floats) -> None:
        self._keys = keys
        self._steps, self._step, self._bias = steps, step, bias
        self._labels = tuple(labels)
        self._columns: dict[str, list[tuple[int, str]]] = {}
        for column, (question, label) in enumerate(labels):
            self._columns.setdefault(question, []).append((column, label))

    def answers(self, traits: Iterable[str]) -> dict[str, dict[str, float]]:
        """question → label → how much speaks for it (0: as much as against it)."""
        sums = self._sums(traits).tolist()
        return {
            question: {label: sums[column] for column, label in columns} for question, columns in self._columns.items()
        }

    def _sums(self, traits: Iterable[str]) -> Floats:
        rows, known = rows_of(self._keys, traits)
        rows = rows[known]
        if not len(rows):
            return self._bias
        spoken: Floats = self._step[rows] @ self._steps[rows].astype(np.float32)
        return self._bias + spoken * np.float32(len(rows) ** -0.5)

    def reasons(self, traits: Iterable[str], question: str, label: str, most: int = 5) -> list[tuple[str, float]]:
        """The traits that spoke loudest for a label, with their share of its sum."""
        column = self._labels.index((question, label))
        asked = list(traits)
        rows, known = rows_of(self._keys, asked)
        rows = rows[known]
        spoken = self._steps[rows, column] * self._step[rows] * max(len(rows), 1) ** -0.5
        shares = list(zip((asked[at] for at in np.flatnonzero(known)), spoken.tolist(), strict=True))
        return sorted(shares, key=lambda share: -share[1])[:most]

    # --- as a file ------------------------------------------------------------------------------------------------------

    def save(self, path: Path, fingerprint: str) -> None:
        arrays: Arrays = {"keys": self._keys, "steps": self._steps, "step": self._step, "bias": self._bias}
        keep(path, fingerprint, self._labels, arrays)

    @classmethod
    def load(cls, path: Path, fingerprint: str) -> "Learned | None":
        """None when there is no such file, or it was learned from other sentences."""
        found = kept(path, fingerprint)
        if found is None:
            return None
        labels, arrays = found
        named = [(question, label) for question, label in labels]
        return cls(arrays["keys"], named, arrays["steps"], arrays["step"].ravel(), arrays["bias"])


def learn(lessons: Sequence[Lesson]) -> Learned:
    """A few seconds for ten thousand sentences."""
    said = [dict.fromkeys(map(key_of, lesson.traits)) for lesson in lessons]
    counts = Counter(key for keys in said for key in keys)
    known = sorted(key for key, count in counts.items() if count >= _LEAST)
    row = {key: number for number, key in enumerate(known)}
    labels = sorted({(q, label) for lesson in lessons for q, right in lesson.answers.items() for label in right})
    rows = [np.array([row[key] for key in keys if key in row], dtype=np.int64) for keys in said]
    weights, bias = _descend(rows, _signs(lessons, labels), len(known))
    step = np.abs(weights).max(axis=1) / np.float32(_FINEST) + np.float32(1e-12)
    steps = np.rint(weights / step[:, None]).astype(np.int8)
    return Learned(np.array(known, dtype=np.uint64), labels, steps, step, bias)


def _signs(lessons: Sequence[Lesson], labels: Sequence[tuple[str, str]]) -> Floats:
    """+1 right, -1 wrong, 0 where a sentence says nothing about a question."""
    signs = np.zeros((len(lessons), len(labels)), dtype=np.float32)
    for number, lesson in enumerate(lessons):
        for column, (question, label) in enumerate(labels):
            if question in lesson.answers:
                signs[number, column] = 1 if label in lesson.answers[question] else -1
    return signs


def _descend(rows: Sequence[NDArray[np.int64]], signs: Floats, traits: int) -> tuple[Floats, Floats]:
    weights = np.zeros((traits, signs.shape[1]), dtype=np.float32)
    bias = np.zeros(signs.shape[1], dtype=np.float32)
    pull = np.zeros_like(signs)  # how hard each sentence pulls at each label
    slack = np.float32(1 / (2 * _FREEDOM))
    chance = np.random.RandomState(0)
    for _ in range(_ROUNDS):
        for number in chance.permutation(len(rows)):
            mine = rows[number]
            if not len(mine):
                continue
            size = np.float32(len(mine) ** -0.5)
            near = weights[mine]
            wrong = signs[number] * (near.sum(axis=0) * size + bias) - 1 + pull[number] * slack
            pulled = np.maximum(pull[number] - wrong / (2 + slack), 0)
            change = (pulled - pull[number]) * signs[number]
            pull[number] = pulled
            weights[mine] = near + change * size
            bias += change
    return weights, bias
