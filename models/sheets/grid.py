"""A sheet as a grid of cells, whatever file it came from, and the lookups a reader needs on it. Read once, from top to bottom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal

CellKind = Literal["text", "number", "date", "formula", "error", "empty"]

# Day 0 of the two calendars spreadsheets count in. 1900 was no leap year, which is why the first is not 31 December.
SERIALS_OF_1900 = date(1899, 12, 30)
SERIALS_OF_1904 = date(1904, 1, 1)

# So far down stand titles and headers; these rows can be looked at in any order.
HEAD = 15


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. A formula carries its own words as `value` because its result is not in the file."""

    address: str
    value: str | Decimal | date | None
    kind: CellKind

    @property
    def text(self) -> str:
        """The value as a person sees it: 501 and not 501.0, 2024-03-05 for a date, "" for an empty cell."""
        value = self.value
        if isinstance(value, str):
            return value
        if isinstance(value, Decimal):
            whole = value == value.to_integral_value()
            return str(int(value)) if whole and abs(value) < 10**18 else format(value, "f")
        return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Merge:
    """A block of merged cells, all four edges included; rows and columns count from 1."""

    top: int
    left: int
    bottom: int
    right: int


Row = dict[int, Cell]


class Sheet:
    """The cells that hold something. `rows` has the first rows and, while `down` walks, the row it stands on.

    A merged block's value stays known below its first row. `more` are the rows that are not in `rows` yet, in the order of the
    file: what was passed is let go, so that a long sheet costs no more memory than a short one. `hidden_rows` may grow meanwhile.
    """

    def __init__(
        self,
        name: str,
        rows: dict[int, Row],
        merges: Iterable[Merge] = (),
        *,
        more: Iterable[tuple[int, Row]] = (),
        hidden: bool = False,
        hidden_rows: "frozenset[int] | set[int]" = frozenset(),
        day_zero: date = SERIALS_OF_1900,
    ) -> None:
        self.name = name
        self.rows = rows
        self.hidden = hidden
        self.hidden_rows = hidden_rows
        self.day_zero = day_zero
        self._more = iter(more)
        self._merges = sorted(merges, key=lambda merge: merge.top)
        self._held = {merge.top for merge in self._merges}
        self._row = self._next = 0  # the row whose blocks are in `_blocks`, and the first block not looked at yet
        self._blocks: list[Merge] = []

    @property
    def merges(self) -> tuple[Merge, ...]:
        return tuple(self._merges)

    def down(self, after: int = 0) -> Iterator[int]:
        """The numbers of the rows below `after`, in order, each with its row in `rows`. Once only for rows below the head."""
        yield from sorted(number for number in self.rows if number > after)
        for number, cells in self._more:
            self.rows[number] = cells
            if number > after:
                yield number
            if number > HEAD and number not in self._held:
                del self.rows[number]

    def cell(self, row: int, column: int) -> Cell:
        """The cell there; inside a merged block the cell that holds the block's value, so that nothing else is ever filled down."""
        if self._merges and (block := self._block(row, column)):
            found = self.rows.get(block.top, {}).get(block.left)
            return found or Cell(f"{column_letters(block.left)}{block.top}", None, "empty")
        found = self.rows.get(row, {}).get(column)
        return found or Cell(f"{column_letters(column)}{row}", None, "empty")

    def is_filled(self, row: int, column: int) -> bool:
        """Whether the value shown there belongs to a merged block that begins elsewhere."""
        block = self._block(row, column) if self._merges else None
        return block is not None and (block.top, block.left) != (row, column)

    def _block(self, row: int, column: int) -> Merge | None:
        """The block a cell belongs to. Going down is cheap; going up begins again at the top."""
        if row != self._row:
            if row < self._row:
                self._next, self._blocks = 0, []
            self._row = row
            while self._next < len(self._merges) and self._merges[self._next].top <= row:
                self._blocks.append(self._merges[self._next])
                self._next += 1
            self._blocks = [block for block in self._blocks if block.bottom >= row]
        return next((block for block in self._blocks if block.left <= column <= block.right), None)


def column_letters(column: int) -> str:
    """1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@cache  # the same few columns again and again
def column_number(letters: str) -> int:
    """A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
