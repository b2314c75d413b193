"""A bank's statement read for what came in: columns by their names, whatever their order; what went out is passed over. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from models.estate.ledger_amounts import read_amount
from models.estate.unclear import Unclear
from models.sheets.grid import HEAD, Cell, Sheet

# How banks call what is needed. The first that is there counts.
NAMES: dict[str, tuple[str, ...]] = {
    "day": ("交易日期", "记账日期", "入账日期", "交易时间", "日期"),
    "fen": ("收入金额", "贷方发生额", "贷方金额", "收入", "贷方", "存入金额", "金额"),
    "serial": ("交易流水号", "流水号", "凭证号", "交易序号", "业务流水号"),
    "payer": ("对方户名", "对方名称", "付款人", "付款方", "付款人名称"),
    "remark": ("附言", "用途", "摘要", "备注", "交易附言"),
}
_OPTIONAL = ("remark",)
_WORDS = {"day": "交易日期", "fen": "收入金额", "serial": "流水号", "payer": "对方户名"}
_DAY = re.compile(r"(20\d{2})[-年./]?(\d{1,2})[-月./]?(\d{1,2})日?(?:\D.*)?")
LARGEST_CREDIT = 2**31 - 1  # fen, what a row of ours holds: over twenty million yuan no home of a compound pays
_TOTALS = re.compile(r"合计|小计|总计|本页|期初.*|期末.*")


@dataclass(frozen=True)
class Credit:
    """One line of money that came in. `where` it stands in the sheet."""

    where: str
    serial: str
    day: date
    fen: int
    payer: str
    remark: str


@dataclass(frozen=True)
class StatementSheet:
    """What was read. With any refusal nothing may be written. `passed_over`: lines of money that went out."""

    rows: tuple[Credit, ...]
    refusals: tuple[str, ...]
    passed_over: int = 0


def read_statement(sheets: Iterable[Sheet]) -> StatementSheet:
    sheet = next((sheet for sheet in sheets if sheet.rows), None)
    if sheet is None:
        return StatementSheet((), ("表里什么都没有",))
    head, places = _header(sheet)
    if not head:
        return StatementSheet((), (f"{sheet.name} 没有找到表头，要有：{'、'.join(_WORDS.values())}",))
    rows: list[Credit] = []
    refusals: list[str] = []
    out = 0
    for number in sheet.down(after=head):
        cells = {name: sheet.cell(number, column) for name, column in places.items()}
        said = {name: _said(cell) for name, cell in cells.items()}
        if not any(said.values()) or any(_TOTALS.fullmatch(words) for words in said.values()):
            continue
        found = _credit(sheet.name, cells, said)
        rows += [found] if isinstance(found, Credit) else []
        refusals += [found] if isinstance(found, str) else []
        out += found is None
    return StatementSheet(tuple(rows), (*refusals, *_twice(rows)), out)


def _header(sheet: Sheet) -> tuple[int, dict[str, int]]:
    """The row that names the columns (banks write some lines above it), and where each stands; 0 for none."""
    for number in sorted(sheet.rows)[:HEAD]:
        named = {_said(cell): column for column, cell in sheet.rows[number].items()}
        places = {
            what: next(named[name] for name in names if name in named)
            for what, names in NAMES.items()
            if any(name in named for name in names)
        }
        if all(what in places for what in NAMES if what not in _OPTIONAL):
            return number, places
    return 0, {}


def _said(cell: Cell) -> str:
    return unicodedata.normalize("NFKC", cell.text).strip().removeprefix("'")


def _credit(sheet: str, cells: Mapping[str, Cell], said: Mapping[str, str]) -> Credit | str | None:
    """The line, why it cannot be taken, or None for money that went out."""
    where = f"{sheet}!{cells['fen'].address}"
    if any(cell.kind in ("formula", "error") for cell in cells.values()):
        return f"{where}：这一行有公式，请存成数值再导入"
    try:
        fen = read_amount(said["fen"])
    except Unclear as unclear:
        return f"{where}：{unclear.reason}"
    if fen is None or fen <= 0:
        return None
    if fen > LARGEST_CREDIT:
        return f"{where}：这一笔太大了，请核对金额；不是住户交的钱，请把这一行删掉"
    match = _DAY.fullmatch(said["day"])
    try:
        day = date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        day = None
    if day is None:
        return f"{sheet}!{cells['day'].address}：日期请写成 2026-03-01 这样"
    if not 1 <= len(said["serial"]) <= 60 or "E+" in said["serial"].upper():
        return f"{sheet}!{cells['serial'].address}：流水号不完整，请把这一列存成文本"
    return Credit(where, said["serial"], day, fen, said["payer"][:64], said.get("remark", "")[:120])


def _twice(rows: list[Credit]) -> list[str]:
    seen: dict[str, str] = {}
    found = []
    for row in rows:
        if (before := seen.setdefault(row.serial, row.where)) != row.where:
            found.append(f"{row.where}：流水号和{before}一样")
    return found
