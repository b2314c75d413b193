"""How well the assistant understands: what it makes of written sentences, beside what they mean.

python -m benchmarks.understanding [FOLDER] [--worst N]    FOLDER: sheets as in handlers/phrases/evaluation, which is the default
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.understanding import Context, Meaning, Understanding
from handlers.phrases.sentences import EVALUATION, Sentence, of_sheet
from handlers.program import build_understanding
from handlers.told import told

# Domain reference 6.1: the intent on the right also counts as right.
ALSO_RIGHT = {
    "repair_reschedule": {"repair_status", "repair_urge"},
    "repair_reopen": {"repair_report"},
    "price_query": {"help"},
    "discount_query": {"bill_explain"},
    "refund_query": {"human", "bill_explain"},
    "poll_result": {"poll_list"},
    "staff_pause": {"staff_transfer"},
    "staff_leave": {"human"},
    "inspection_report": {"repair_report"},
    "manager_arrears_list": {"manager_dun", "manager_report"},
    "manager_poll_create": {"manager_broadcast"},
    "thanks": {"greeting"},
}
# Domain reference 6.2: the slots that are scored; the others are shown.
SCORED = ("category", "house", "period", "fee_item", "amount", "rating", "order_no")
SHOWN = (
    *("location", "months", "days", "count", "option", "appointment", "reading", "assignee", "phone", "also"),
    "priority",
)
NOW = datetime(2026, 6, 3, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

Understand = Callable[[str, str, Context], Meaning]


@dataclass(frozen=True)
class Judged:
    """A sentence, and what was made of it: the intent, its confidence and the slots, each as a set of strings."""

    said: Sentence
    intent: str
    confidence: float
    slots: dict[str, set[str]]

    @property
    def strict(self) -> bool:
        return self.intent == self.said.intent

    @property
    def merged(self) -> bool:
        return self.strict or self.intent in ALSO_RIGHT.get(self.said.intent, ())


def judge(understand: Understand, said: Iterable[Sentence]) -> list[Judged]:
    judged = []
    for sentence in said:
        context = Context(sentence.awaiting, NOW)
        answer = told(understand(sentence.text, sentence.role, context), sentence.text, sentence.role, context)
        slots = {name: _strings(value) for name, value in answer["slots"].items()}
        slots["also"] = {other["intent"] for other in answer["also"]}
        judged.append(Judged(sentence, answer["intent"], answer["confidence"], slots))
    return judged


def _strings(value: object) -> set[str]:
    return {str(one) for one in value} if isinstance(value, list | tuple) else {str(value)}


@dataclass(frozen=True)
class Hits:
    """right: found and right; found: all that was found; wanted: all that should have been."""

    right: int
    found: int
    wanted: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.wanted) if self.found + self.wanted else 1.0


def hits(judged: Sequence[Judged], names: Sequence[str]) -> Hits:
    """Values found and wanted of these slots, over all sentences; what the intent has no use for is not held against it."""
    right = found = wanted = 0
    for one in judged:
        for name in names:
            is_there, should = one.slots.get(name, set()), set(one.said.slots.get(name, ()))
            right, found, wanted = right + len(is_there & should), found + len(is_there), wanted + len(should)
    return Hits(right, found, wanted)


def share(judged: Sequence[Judged], test: Callable[[Judged], bool]) -> float:
    return sum(map(test, judged)) / len(judged) if judged else 1.0


def danger(judged: Sequence[Judged]) -> tuple[float, float]:
    """(recall of P0, share of the other sentences that are taken for P0)."""
    urgent = [one for one in judged if "P0" in one.said.slots.get("priority", ())]
    others = [one for one in judged if "P0" not in one.said.slots.get("priority", ())]
    return share(urgent, _is_p0), 1 - share(others, lambda one: not _is_p0(one))


def _is_p0(one: Judged) -> bool:
    return "P0" in one.slots.get("priority", ())


def report(judged: Sequence[Judged], worst: int = 30) -> list[str]:
    recall, false = danger(judged)
    lines = [
        f"sentences {len(judged)}",
        f"intent strict {share(judged, _strict):.2%}, merged {share(judged, _merged):.2%}",
        f"slots scored: {_three(hits(judged, SCORED))}",
        f"P0 recall {recall:.2%}, other sentences taken for P0 {false:.2%}",
    ]
    sure = [one for one in judged if one.confidence >= 0.8]
    nearly = [one for one in judged if 0.5 <= one.confidence < 0.8]
    unsure = [one for one in judged if one.confidence < 0.5]
    lines += [
        f"{name}: {len(of) / len(judged):.1%} of all, {share(of, _merged):.2%} right"
        for name, of in (("acts", sure), ("asks back", nearly), ("does not know", unsure))
    ]
    lines += ["", "slot           precision  recall  F1"]
    lines += [f"{name:14} {_three(hits(judged, (name,)))}" for name in (*SCORED, *SHOWN)]
    lines += ["", "style          strict  merged  of"]
    lines += _by(judged, lambda one: one.said.style)
    lines += ["", "intent                    strict  merged  of"]
    lines += _by(judged, lambda one: one.said.intent)
    lines += ["", "taken for (wanted → got)"]
    confused = Counter((one.said.intent, one.intent) for one in judged if not one.merged)
    lines += [f"{count:4} {wanted} → {got}" for (wanted, got), count in confused.most_common(25)]
    lines += ["", f"the {worst} worst: wrong, and surest of it"]
    wrong = sorted((one for one in judged if not one.merged), key=lambda one: -one.confidence)
    lines += [f"{one.confidence:.2f} {one.said.intent} → {one.intent}: {one.said.text}" for one in wrong[:worst]]
    return lines


def _strict(one: Judged) -> bool:
    return one.strict


def _merged(one: Judged) -> bool:
    return one.merged


def _three(of: Hits) -> str:
    return f"{of.precision:8.1%} {of.recall:8.1%} {of.f1:7.1%}  ({of.wanted} wanted)"


def _by(judged: Sequence[Judged], kind: Callable[[Judged], str]) -> list[str]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[kind(one)].append(one)
    return [
        f"{name:24} {share(of, _strict):7.1%} {share(of, _merged):7.1%} {len(of):5}"
        for name, of in sorted(groups.items())
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=EVALUATION)
    options.add_argument("--worst", type=int, default=30)
    chosen = options.parse_args()
    understanding: Understanding = build_understanding()
    sheets = {
        sheet.name: judge(understanding.understand, of_sheet(sheet)) for sheet in sorted(chosen.folder.glob("*.tsv"))
    }
    print("\n".join(report([one for judged in sheets.values() for one in judged], chosen.worst)))
    for name, judged in sheets.items():
        print(f"\n{name}", *report(judged, 0)[:4], sep="\n")


if __name__ == "__main__":
    main()
