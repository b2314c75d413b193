"""What a ledger says, row by row, and the one way a cell is read or refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeVar

from models.estate.addresses import Address
from models.estate.ledger_header import Header
from models.estate.ledger_values import masked, says_nothing
from models.estate.unclear import Unclear
from models.sheets.grid import Cell, Sheet

LedgerKind = Literal["homes", "residents"]
Relation = Literal["owner", "family", "tenant"]
Value = TypeVar("Value")


@dataclass(frozen=True)
class CellRefusal:
    """One cell nobody should guess. `column` is the field (area, phone, room, owner …), `value` is masked, `reason` is Chinese."""

    sheet: str
    cell: str
    column: str
    value: str
    reason: str

    @property
    def where(self) -> str:
        """As a clerk finds it: 1栋!E7."""
        return f"{self.sheet}!{self.cell}"


@dataclass(frozen=True, slots=True)
class HomeRow:
    """One home of a ledger. `area` is in 0.01 m²; None where the ledger says nothing. `cell` is where its room stands."""

    address: Address
    area: int | None
    floor: int | None
    status: str
    handed_over: date | None
    moved_in: date | None
    cell: str


@dataclass(frozen=True, slots=True)
class ResidentRow:
    """One person's tie to a home. `phones` are digits only, the first is the main one. `cell` is where the name stands."""

    address: Address
    name: str
    phones: tuple[str, ...]
    relation: Relation
    cell: str


@dataclass(frozen=True)
class TotalCheck:
    """A row of totals beside what the rows above it add up to, both in 0.01 m²; `counted` is None when a cell above was refused."""

    cell: str
    written: int
    counted: int | None


@dataclass
class Ledger:
    """What was read. Only a ledger without refusals may be written."""

    homes: list[HomeRow] = field(default_factory=list)
    residents: list[ResidentRow] = field(default_factory=list)
    refusals: list[CellRefusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    totals_checked: list[TotalCheck] = field(default_factory=list)
    sheets: int = 0

    @property
    def size(self) -> int:
        """How many homes and people were read."""
        return len(self.homes) + len(self.residents)

    def refuse(self, sheet: Sheet, cell: Cell, column: str, reason: str) -> None:
        self.refusals.append(CellRefusal(sheet.name, cell.address, column, masked(cell.text), reason))


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row that speaks of a home, with the way to read its cells: every reader below goes through `read`."""

    sheet: Sheet
    header: Header
    number: int
    ledger: Ledger

    def cells(self, name: str) -> list[Cell]:
        """The cells of a field, left to right; none when the ledger has no such column."""
        return [self.sheet.cell(self.number, column) for column in self.header.columns.get(name, ())]

    def read(self, name: str, reader: Callable[[str], Value]) -> list[Value]:
        """What `reader` makes of each cell of a field that says something. What cannot be read is refused and left out."""
        return [value for cell in self.cells(name) for value in self._read_cell(name, cell, reader)]

    def read_one(self, name: str, reader: Callable[[str], Value]) -> Value | None:
        """The same for a field with one column."""
        return next(iter(self.read(name, reader)), None)

    def where(self, name: str) -> str:
        """Where the first cell of a field stands: 1栋!C5."""
        return f"{self.sheet.name}!{self.cells(name)[0].address}"

    def refuse(self, name: str, reason: str) -> None:
        """Refuse the first cell of a field."""
        self.ledger.refuse(self.sheet, self.cells(name)[0], name, reason)

    def _read_cell(self, name: str, cell: Cell, reader: Callable[[str], Value]) -> Iterator[Value]:
        if says_nothing(cell.text):
            return
        try:
            reject_unfit(name, cell)
            value = reader(cell.text)
        except Unclear as unclear:
            self.ledger.refuse(self.sheet, cell, name, unclear.reason)
        else:
            yield value


_DATE_FIELDS = {"handed_over", "moved_in"}
_LONGEST = 200


def reject_unfit(name: str, cell: Cell) -> None:
    """Raises Unclear for what no reader may look at: a formula without its result, an error, a date where none belongs, a whole essay."""
    if cell.kind == "formula":
        raise Unclear("公式没有算好的结果，请直接写上内容")
    if cell.kind == "error":
        raise Unclear("公式出错了，请直接写上内容")
    if cell.kind == "date" and name not in _DATE_FIELDS:
        raise Unclear("像是日期，可能是表格把内容改成了日期")
    if len(cell.text) > _LONGEST:
        raise Unclear("这一格的字太多了")
