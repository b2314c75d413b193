"""A ledger of payments as companies keep it: month columns with √, amounts and dates, or a column 缴至. What is owed, month by month.

Pure: sheets in, rows out; whatever nobody should guess is refused with its cell (domain research 7.1 to 7.3).
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from models.billing.arrears_columns import Columns, columns_of
from models.billing.cycles import months_later
from models.estate.addresses import Address
from models.estate.ledger_amounts import read_amount
from models.estate.ledger_header import Header, find_header
from models.estate.ledger_homes import addresses_of, place_of_sheet
from models.estate.ledger_rows import Ledger, LedgerRow
from models.estate.ledger_values import plain, says_nothing
from models.estate.unclear import Unclear
from models.money import shown
from models.sheets.grid import Cell, Sheet, column_number

PAID = {"√", "✓", "✔", "V", "已交", "已缴", "已收"}
_TOTAL = re.compile(r"(?:本页|本栋|本单元|\S{1,4}[栋幢元])?(合计|小计|总计|平均|累计)")
_NOTES = re.compile(r"制表|审核|复核|以下空白|填表|经手|签字|说明|备注")
_UNTIL = re.compile(r"(?:已?[缴交]至|已?[缴交]到)?((?:19|20)?\d\d)[-./年](\d{1,2})月?底?")
_Refuse = Callable[[Cell | None, str], None]
# Rounded sums of a year may be off by this much (fen); a sum that is further off is refused.
TOLERANCE = 5


@dataclass(frozen=True)
class Owed:
    """A month that is owed, wholly or in part, in fen; `cell` is where that stands."""

    start: date
    end: date
    fen: int
    month: int
    cell: str


@dataclass(frozen=True)
class ArrearsRow:
    """A home: what it pays a month, what a year comes to, what came in, and the months it owes."""

    address: Address
    month: int
    due: int
    paid: int
    owed: tuple[Owed, ...]
    cell: str

    @property
    def owes(self) -> int:
        return sum(one.fen for one in self.owed)


@dataclass
class ArrearsSheet:
    """`asks_until`: a cell says 缴至2024.6, and nobody has said yet whether June is paid."""

    rows: list[ArrearsRow] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checked: int = 0
    asks_until: str = ""

    @property
    def owes(self) -> int:
        return sum(row.owes for row in self.rows)


def read_arrears(sheets: Iterable[Sheet], *, until_included: bool | None = None) -> ArrearsSheet:
    """Everything the sheets say is owed. `until_included`: 缴至2024.6 means that June is paid; None: not asked yet."""
    found = ArrearsSheet()
    seen: dict[Address, str] = {}
    for sheet in sheets:
        header = find_header(sheet, frozenset({"room"}))
        if header is None:
            if sheet.rows:
                found.warnings.append(f"「{sheet.name}」没有「房号」一列，没有读。")
            continue
        _read_sheet(sheet, header, found, seen, until_included)
    if not found.rows and not found.refusals:
        found.refusals.append("没有找到房屋：表里要有一行表头，其中一列叫「房号」。")
    return found


def _read_sheet(
    sheet: Sheet, header: Header, found: ArrearsSheet, seen: dict[Address, str], until_included: bool | None
) -> None:
    try:
        columns = columns_of(sheet, header)
    except Unclear as unclear:
        found.refusals.append(f"{sheet.name}：{unclear.reason}")
        return
    ledger = Ledger()
    place = place_of_sheet(sheet, header, ledger)
    begun, rows_before = len(found.refusals), len(found.rows)
    if place is not None:
        for number in sheet.down(after=header.row):
            row = LedgerRow(sheet, header, number, ledger)
            if _is_total(sheet, number):
                _compare(sheet, number, columns, found, rows_before, whole=len(found.refusals) == begun)
            elif not _says_nothing(row):
                _read_row(row, place, columns, found, seen, until_included)
    found.refusals += [f"{refusal.where} {refusal.value}：{refusal.reason}" for refusal in ledger.refusals]


@dataclass(frozen=True)
class _Reading:
    """One row being read, and the one way one of its sums is read or refused."""

    row: LedgerRow
    columns: Columns
    found: ArrearsSheet

    def cell_of(self, name: str) -> Cell | None:
        column = self.columns.named.get(name)
        return self.row.sheet.cell(self.row.number, column) if column else None

    def refuse(self, cell: Cell | None, why: str) -> None:
        cell = cell or self.row.cells("room")[0]
        self.found.refusals.append(f"{self.row.sheet.name}!{cell.address} {cell.text}：{why}")

    def amount(self, name: str) -> int | None:
        cell = self.cell_of(name)
        if cell is None or says_nothing(cell.text):
            return None
        try:
            return _fen(cell, self.columns.unit)
        except Unclear as unclear:
            self.refuse(cell, unclear.reason)
            return None

    def check(self, month: int, owed: list[Owed], paid: int) -> None:
        """应收, 实收 and 欠费 of the row are what its months come to."""
        sums = {"owes": sum(one.fen for one in owed)}
        if self.columns.months:
            sums |= {"due": month * len(self.columns.months), "paid": paid}
        for name, counted in sums.items():
            written = self.amount(name)
            if written is not None and abs(written - counted) > TOLERANCE:
                self.refuse(self.cell_of(name), f"按月份算是{shown(counted)}，对不上，请核对")


def _read_row(
    row: LedgerRow, place: Address, columns: Columns, found: ArrearsSheet, seen: dict[Address, str], until: bool | None
) -> None:
    addresses, reading, refused = addresses_of(row, place), _Reading(row, columns, found), len(found.refusals)
    if len(addresses) != 1 or addresses[0] in seen:
        if addresses:
            twice = f"和 {seen[addresses[0]]} 重复了" if addresses[0] in seen else "一格写了几户，请一户一行"
            reading.refuse(None, twice)
        return
    seen[addresses[0]] = row.where("room")
    month = reading.amount("month")
    if month is None or month <= 0:
        reading.refuse(reading.cell_of("month"), "没有写月物业费，算不出欠多少")
        return
    if reading.amount("older"):
        reading.refuse(reading.cell_of("older"), "没有写是哪几个月欠的，请按月份写，或者写「缴至」")
    if columns.months:
        owed, paid = _of_months(row, columns, month, reading.refuse)
    else:
        owed, paid = _of_until(row, columns, month, reading.cell_of("until"), found, reading.refuse, until)
    if not found.asks_until:
        reading.check(month, owed, paid)
    if len(found.refusals) == refused:
        due = month * len(columns.months)
        found.rows.append(ArrearsRow(addresses[0], month, due, paid, tuple(owed), row.where("room")))


def _of_months(row: LedgerRow, columns: Columns, month: int, refuse: _Refuse) -> tuple[list[Owed], int]:
    """The months that are owed, and what came in. √ and a date are a month; an empty cell is none; an amount is that much."""
    owed, paid = [], 0
    for column, first in columns.months.items():
        cell = row.sheet.cell(row.number, column)
        words = plain(cell.text)
        if cell.kind == "date" or words in PAID:
            got = month
        elif says_nothing(cell.text):
            got = 0
        else:
            try:
                got = _fen(cell, columns.unit)
            except Unclear as unclear:
                refuse(cell, unclear.reason)
                continue
        if not 0 <= got <= month:
            refuse(cell, f"比一个月的{shown(month)}还多，多出来的是哪几个月的？请分开写")
            continue
        paid += got
        if got < month:
            owed.append(_month_owed(first, month - got, month, f"{row.sheet.name}!{cell.address}"))
    return owed, paid


def _of_until(
    row: LedgerRow, columns: Columns, month: int, cell: Cell | None, found: ArrearsSheet, refuse: _Refuse,
    included: bool | None,
) -> tuple[list[Owed], int]:  # fmt: skip
    """Paid until 2024.6: what comes after it until the end of the year the sheet is of."""
    if cell is None or says_nothing(cell.text):
        refuse(cell, "没有写缴到哪个月")
        return [], 0
    match = _UNTIL.fullmatch(re.sub(r"\s", "", plain(cell.text)))
    if cell.kind == "date" or match is None or not 1 <= int(match[2]) <= 12:
        refuse(cell, "看不懂缴到哪个月，请写成「2024.6」这样")
        return [], 0
    year = int(match[1]) + (2000 if len(match[1]) == 2 else 0)
    if included is None:
        found.asks_until = found.asks_until or cell.text
        return [], 0
    first = months_later(date(year, int(match[2]), 1), 1 if included else 0)
    owed = []
    while first <= columns.last:
        owed.append(_month_owed(first, month, month, f"{row.sheet.name}!{cell.address}"))
        first = months_later(first, 1)
    return owed, 0


def _month_owed(first: date, fen: int, month: int, cell: str) -> Owed:
    return Owed(first, first.replace(day=monthrange(first.year, first.month)[1]), fen, month, cell)


def _fen(cell: Cell, unit: int) -> int:
    """A number without a unit is in the unit of the sheet. Raises Unclear."""
    if cell.kind in ("formula", "error"):
        raise Unclear("公式没有算好的结果，请直接写上内容")
    if isinstance(cell.value, Decimal) and unit != 100:
        fen = cell.value * unit
        if fen != int(fen):
            raise Unclear("金额超过两位小数，请四舍五入到分")
        return int(fen)
    found = read_amount(cell.text)
    return 0 if found is None else found


def _is_total(sheet: Sheet, number: int) -> bool:
    first_three = [cell for _, cell in sorted(sheet.rows[number].items())][:3]
    return any(_TOTAL.match(re.sub(r"\s", "", plain(cell.text))) for cell in first_three)


def _compare(sheet: Sheet, number: int, columns: Columns, found: ArrearsSheet, since: int, *, whole: bool) -> None:
    """A row of totals is a check of what stands above it, and is only compared when all of that could be read."""
    rows = found.rows[since:]
    sums = {
        "due": sum(row.due for row in rows),
        "paid": sum(row.paid for row in rows),
        "owes": sum(r.owes for r in rows),
    }
    for name, counted in sums.items():
        cell = sheet.cell(number, columns.named[name]) if name in columns.named else None
        if cell is None or says_nothing(cell.text) or not whole or (name != "owes" and not columns.months):
            continue
        try:
            written = _fen(cell, columns.unit)
        except Unclear:
            continue
        found.checked += 1
        if abs(written - counted) > TOLERANCE:
            found.warnings.append(f"{sheet.name}!{cell.address} 写的是{shown(written)}，上面加起来是{shown(counted)}。")


def _says_nothing(row: LedgerRow) -> bool:
    cells = [cell for _, cell in sorted(row.sheet.rows[row.number].items()) if not says_nothing(cell.text)]
    own = [cell for cell in cells if not row.sheet.is_filled(row.number, _column(cell))]
    return not own or (says_nothing(row.cells("room")[0].text) and bool(_NOTES.match(plain(own[0].text))))


def _column(cell: Cell) -> int:
    return column_number(re.sub(r"\d", "", cell.address))
