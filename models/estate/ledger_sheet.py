"""A sheet as a grid of cells, whatever file it came from, and the lookups a reader needs on it."""

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from models.estate.ledger_dates import SERIALS_OF_1900

CellKind = Literal["text", "number", "date", "formula", "error", "empty"]


@dataclass(frozen=True)
class Cell:
    """One cell. A formula carries its own words as `value` because its result is not in the file."""

    address: str
    value: str | Decimal | date | None
    kind: CellKind

    @property
    def text(self) -> str:
        """The value as a person sees it: 501 and not 501.0, 2024-03-05 for a date, "" for an empty cell."""
        if isinstance(self.value, Decimal):
            whole = self.value == self.value.to_integral_value()
            return str(int(self.value)) if whole and abs(self.value) < 10**18 else format(self.value, "f")
        return "" if self.value is None else str(self.value)


@dataclass(frozen=True)
class Merge:
    """A block of merged cells, all four edges included; rows and columns count from 1."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """The cells that hold something, by row and column number. `rows` costs what is written, not how far away it is written."""

    name: str
    rows: dict[int, dict[int, Cell]]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    day_zero: date = SERIALS_OF_1900
    _anchors: dict[tuple[int, int], tuple[int, int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        anchors: dict[tuple[int, int], tuple[int, int]] = {}
        numbers = sorted(self.rows)
        widest = max((column for row in self.rows.values() for column in row), default=0)
        for merge in self.merges:
            for row in numbers[bisect_left(numbers, merge.top) :]:
                if row > merge.bottom:
                    break
                for column in range(merge.left, min(merge.right, widest) + 1):
                    anchors[row, column] = (merge.top, merge.left)
        object.__setattr__(self, "_anchors", anchors)

    def cell(self, row: int, column: int) -> Cell:
        """The cell there; inside a merged block the cell that holds the block's value, so that nothing else is ever filled down."""
        row_of_value, column_of_value = self._anchors.get((row, column), (row, column))
        found = self.rows.get(row_of_value, {}).get(column_of_value)
        return found or Cell(f"{column_letters(column)}{row}", None, "empty")

    def is_filled(self, row: int, column: int) -> bool:
        """Whether the value shown there belongs to a merged block that begins elsewhere."""
        return self._anchors.get((row, column), (row, column)) != (row, column)


def column_letters(column: int) -> str:
    """1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
