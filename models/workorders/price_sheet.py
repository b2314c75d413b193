"""A company's price list of paid service, read from a sheet: 项目 单位 最低价 最高价 依据 启用."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from models.sheets.grid import Cell, Sheet
from models.workorders.prices import LARGEST, Price

COLUMNS = ("项目", "单位", "最低价", "最高价", "依据", "启用")
LONGEST_NAME, LONGEST_DOCUMENT = 16, 60
_YUAN = re.compile(r"(\d{1,6})(?:\.(\d{1,2}))?")
_NAME = re.compile(r"[^\d\s,，;；、。.+x×*]+")  # as it can be said in a quote
_ON_OR_OFF = {"是": True, "": True, "否": False}


@dataclass(frozen=True)
class PriceRow:
    """One line. `active` False takes the item off the list."""

    price: Price
    document: str
    active: bool


@dataclass(frozen=True)
class PriceSheet:
    """What was read; `refusals` name each bad cell by its address with the reason, and then nothing may be written."""

    rows: tuple[PriceRow, ...]
    refusals: tuple[str, ...]


def read_prices(sheets: Iterable[Sheet]) -> PriceSheet:
    """Read the first sheet that has anything on it."""
    sheet = next((sheet for sheet in sheets if sheet.rows), None)
    if sheet is None:
        return PriceSheet((), ("表里什么都没有",))
    head = min(sheet.rows)
    places = {cell.text.strip(): column for column, cell in sheet.rows[head].items()}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        return PriceSheet((), (f"{sheet.name} 第{head}行缺少表头：{'、'.join(missing)}",))
    rows: list[PriceRow] = []
    refusals: list[str] = []
    for number in sheet.down(after=head):
        cells = {name: sheet.cell(number, places[name]) for name in COLUMNS}
        if not any(cell.text.strip() for cell in cells.values()):
            continue
        wrong = _wrong(cells, {row.price.name for row in rows})
        refusals += [f"{sheet.name}!{cells[name].address} {name}：{reason}" for name, reason in wrong]
        if not wrong:
            rows.append(_row(cells))
    return PriceSheet(tuple(rows), tuple(refusals))


def _wrong(cells: dict[str, Cell], seen: set[str]) -> list[tuple[str, str]]:
    """(column, reason) for every cell of a line that cannot be used."""
    said = {name: _said(cell) for name, cell in cells.items()}
    low, high = fen_of(said["最低价"]), fen_of(said["最高价"])
    name = said["项目"]
    checks = (
        ("项目", bool(_NAME.fullmatch(name)), "请写名称，中间不要有数字、空格和标点"),
        ("项目", len(name) <= LONGEST_NAME, f"太长，最多{LONGEST_NAME}个字"),
        ("项目", name not in seen, "这一项写了两次"),
        ("单位", 1 <= len(said["单位"]) <= 2, "请写：次、个、米这样的字"),
        ("最低价", low is not None, "请写几元几角几分，比如 20 或 20.50"),
        ("最高价", high is not None and high <= LARGEST, "请写几元几角几分，比如 30 或 30.50"),
        ("最高价", low is None or high is None or low <= high, "比最低价还低"),
        ("依据", 0 < len(said["依据"]) <= LONGEST_DOCUMENT, f"请写这个价格的依据，最多{LONGEST_DOCUMENT}个字"),
        ("启用", said["启用"] in _ON_OR_OFF, "请写：是 或 否"),
    )
    formulas = [(name, "是公式，请写成数字或文字") for name, cell in cells.items() if cell.kind in ("formula", "error")]
    return formulas or [(name, reason) for name, right, reason in checks if not right]


def fen_of(words: str) -> int | None:
    """20 or 20.5 yuan in fen; None for anything else."""
    found = _YUAN.fullmatch(words.removesuffix("元"))
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None


def yuan_of(fen: int) -> str:
    """As the sheet says it: 20.50."""
    return f"{fen // 100}.{fen % 100:02d}"


def _row(cells: dict[str, Cell]) -> PriceRow:
    said = {name: _said(cell) for name, cell in cells.items()}
    low, high = fen_of(said["最低价"]) or 0, fen_of(said["最高价"]) or 0
    return PriceRow(Price(said["项目"], said["单位"], low, high), said["依据"], _ON_OR_OFF[said["启用"]])


def _said(cell: Cell) -> str:
    """What the cell says; the ' that an export puts before what looks like a formula is taken off again."""
    return cell.text.strip().removeprefix("'")
