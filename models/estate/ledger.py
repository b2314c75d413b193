"""Reading a ledger of homes or of residents: what it says, and which cells nobody should guess.

Pure: sheets in, a `Ledger` out. Rules: domain research 7.1 to 7.4. A ledger with refusals is not to be written; every refusal
names one cell, so that a clerk can mend exactly that cell and try again.
"""

import re
from collections.abc import Callable, Iterable

from models.estate.addresses import Address
from models.estate.ledger_header import Header, find_header, is_repeated_header
from models.estate.ledger_homes import addresses_of, home_of, place_of_sheet
from models.estate.ledger_people import people_of
from models.estate.ledger_rows import Ledger, LedgerKind, LedgerRow
from models.estate.ledger_totals import AreaTotals
from models.estate.ledger_values import plain, says_nothing
from models.sheets.grid import Cell, Sheet

_NOTE = re.compile(r"以下空白|以下无|制表|制单|审核|复核|填表|经手|负责人|签字|签名|说明|备注|注:|打印|第\d+页")
_FIELDS_THAT_SPEAK = ("room", "area", "owner", "name", "phone", "tenant")
_ROWS_BETWEEN_NEWS = 500
_NAMED = 20  # of a long list of rows


def read_ledger(
    sheets: Iterable[Sheet], kind: LedgerKind, progress: Callable[[str, int], None] = lambda sheet, rows: None
) -> Ledger:
    """Read every sheet that has a header with a column of rooms, in the order of the file.

    `progress` hears the name of the sheet and how many homes and people were read so far, every so many rows.
    """
    ledger = Ledger()
    seen: dict[Address, str] = {}
    first = None
    headless = []
    for sheet in sheets:
        ledger.sheets += 1
        first = first or sheet
        progress(sheet.name, ledger.size)
        header = find_header(sheet, frozenset({"room"}))
        if header and header.columns.keys() - {"room", "other"}:
            _read_sheet(sheet, header, kind, ledger, seen, progress)
        elif sheet.rows:
            headless.append(sheet)
    if not ledger.homes and not ledger.residents and not ledger.refusals:
        for sheet in headless or ([first] if first else []):
            ledger.refuse(
                sheet, Cell("A1", None, "empty"), "header", "没有找到房屋：表里要有一行表头，其中一列叫「房号」"
            )
    else:
        ledger.warnings.extend(f"「{sheet.name}」没有「房号」一列，没有读。" for sheet in headless)
    return ledger


def _read_sheet(
    sheet: Sheet,
    header: Header,
    kind: LedgerKind,
    ledger: Ledger,
    seen: dict[Address, str],
    progress: Callable[[str, int], None],
) -> None:
    place = place_of_sheet(sheet, header, ledger)
    if place is None:
        return
    if sheet.hidden:
        ledger.warnings.append(f"「{sheet.name}」是隐藏的表，也读了。")
    totals = AreaTotals(compares=kind == "homes")
    hidden = []
    for number in sheet.down(after=header.row):
        if number % _ROWS_BETWEEN_NEWS == 0:
            progress(sheet.name, ledger.size)
        row = LedgerRow(sheet, header, number, ledger)
        if totals.take(row) or _says_no_home(row):
            continue
        if number in sheet.hidden_rows:
            hidden.append(str(number))
        _read_row(row, kind, place, totals, seen)
    if hidden:
        more = f" 等 {len(hidden)} 行" if len(hidden) > _NAMED else " 行"
        ledger.warnings.append(f"「{sheet.name}」有隐藏的行，也读了：第 {'、'.join(hidden[:_NAMED])}{more}。")


def _read_row(row: LedgerRow, kind: LedgerKind, place: Address, totals: AreaTotals, seen: dict[Address, str]) -> None:
    addresses = addresses_of(row, place)
    if kind == "homes":
        refused_before = len(row.ledger.refusals)
        home, area = home_of(row, addresses, seen)
        refused = {refusal.column for refusal in row.ledger.refusals[refused_before:]}
        totals.add(area, refused="area" in refused)
        if home:
            row.ledger.homes.append(home)
    row.ledger.residents.extend(people_of(row, addresses))


def _says_no_home(row: LedgerRow) -> bool:
    """Empty rows, numbered rows nobody filled in, headers said again on the next page, notes and signatures."""
    speaking = [
        cell
        for name in _FIELDS_THAT_SPEAK
        for column, cell in zip(row.header.columns.get(name, ()), row.cells(name), strict=True)
        if not says_nothing(cell.text) and not row.sheet.is_filled(row.number, column)
    ]
    if not speaking or is_repeated_header(row.sheet, row.number, row.header):
        return True
    first = min(row.sheet.rows[row.number].items())[1]
    return says_nothing(row.cells("room")[0].text) and bool(_NOTE.match(re.sub(r"\s", "", plain(first.text))))
