"""代扣协议 read from a sheet, a line for each home: every bad cell is named by its address, or all of it is good. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from models.debit.agreements import Agreement
from models.errors import Refusal
from models.estate.addresses import Address, AddressUnclear, read_address
from models.sheets.grid import Cell, Sheet

COLUMNS = ("房号", "户名", "账号", "协议号", "开始日期")
OPTIONAL = ("结束日期",)
_DAY = re.compile(r"(20\d{2})[-年./](\d{1,2})[-月./](\d{1,2})日?(?: .*)?")
_TOTALS = re.compile(r"合计|小计|总计|本页")


@dataclass(frozen=True)
class MandateRow:
    """One line; `where` it stands, so that whoever mends it finds it."""

    where: str
    address: Address
    agreement: Agreement


@dataclass(frozen=True)
class MandateSheet:
    """What was read. With any refusal nothing may be written."""

    rows: tuple[MandateRow, ...]
    refusals: tuple[str, ...]


def read_mandates(sheets: Iterable[Sheet]) -> MandateSheet:
    """Read the first sheet that has anything on it; columns may stand in any order."""
    sheet = next((sheet for sheet in sheets if sheet.rows), None)
    if sheet is None:
        return MandateSheet((), ("表里什么都没有",))
    head = min(sheet.rows)
    places = {cell.text.strip(): column for column, cell in sheet.rows[head].items()}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        return MandateSheet((), (f"{sheet.name} 第{head}行缺少表头：{'、'.join(missing)}",))
    rows: list[MandateRow] = []
    refusals: list[str] = []
    for number in sheet.down(after=head):
        cells = {name: sheet.cell(number, places[name]) for name in (*COLUMNS, *OPTIONAL) if name in places}
        said = [cell.text.strip() for cell in cells.values()]
        if any(said) and not any(_TOTALS.fullmatch(words) for words in said):
            found = _row(sheet.name, cells)
            rows += [found] if isinstance(found, MandateRow) else []
            refusals += [found] if isinstance(found, str) else []
    return MandateSheet(tuple(rows), (*refusals, *_twice(rows)))


def _row(sheet: str, cells: Mapping[str, Cell]) -> MandateRow | str:
    """The line, or why it cannot be taken. An account number is never repeated in what is said about it."""
    where = f"{sheet}!{cells['房号'].address}"
    if any(cell.kind in ("formula", "error") for cell in cells.values()):
        return f"{where}：这一行有公式，请写成文字"
    account = cells["账号"]
    if account.kind == "number":
        return f"{sheet}!{account.address} 账号：存成了数字，后几位可能已经丢了，请把这一列改成文本再填"
    try:
        found = read_address(_said(cells, "房号"))
    except AddressUnclear:
        found = []
    if len(found) != 1 or not found[0].room:
        return f"{where} 房号：请写成 3-2-501 这样"
    start, end = _day(_said(cells, "开始日期")), _day(_said(cells, "结束日期"))
    if start is None or (end is None and _said(cells, "结束日期")):
        return f"{where}：日期请写成 2026-03-01 这样"
    try:
        agreement = Agreement(
            re.sub(r"[\s-]", "", _said(cells, "账号")), _said(cells, "户名"), _said(cells, "协议号"), start, end
        )
    except Refusal as refusal:
        return f"{where}：{refusal.message}"
    return MandateRow(where, found[0], agreement)


def _said(cells: Mapping[str, Cell], name: str) -> str:
    cell = cells.get(name)
    return unicodedata.normalize("NFKC", cell.text).strip().removeprefix("'") if cell is not None else ""


def _day(said: str) -> date | None:
    match = _DAY.fullmatch(said)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _twice(rows: list[MandateRow]) -> list[str]:
    seen: dict[str, str] = {}
    found = []
    for row in rows:
        if (before := seen.setdefault(row.address.label, row.where)) != row.where:
            found.append(f"{row.where}：{row.address.label}在{before}已经写过一次")
    return found
