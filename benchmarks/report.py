"""Figures → lines to read: medians with how far they spread, and ratios beside what was promised."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Goal:
    """`better`: "more" or "less". `gate` must hold, `goal` is what we are out for."""

    what: str
    value: float
    unit: str
    gate: float
    goal: float
    better: str = "more"

    def verdict(self) -> str:
        reached = [self.value >= at if self.better == "more" else self.value <= at for at in (self.goal, self.gate)]
        return "goal reached" if reached[0] else "gate held" if reached[1] else "GATE MISSED"

    def line(self) -> tuple[str, ...]:
        sign = "≥" if self.better == "more" else "≤"
        return (
            self.what,
            f"{self.value:.2f} {self.unit}".strip(),
            f"{sign} {self.gate:g}",
            f"{sign} {self.goal:g}",
            self.verdict(),
        )


def spread(values: Sequence[float]) -> str:
    """430 (410–445)."""
    return f"{median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(_width(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["", title, ""] if title else [""]
    for row in (head, ["-" * width for width in widths], *rows):
        lines.append("| " + " | ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) + " |")
    return "\n".join(lines)


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    """How many columns of a terminal: Chinese takes two."""
    return sum(2 if "\u2e80" <= letter <= "\uffef" else 1 for letter in text)
