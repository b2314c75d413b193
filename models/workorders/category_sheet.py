"""A company's own table of categories, read from a sheet: 类别 工种 范围 默认优先级 责任说明 启用."""

from collections.abc import Iterable
from dataclasses import dataclass

from models.people.trades import TRADES
from models.sheets.grid import Cell, Sheet
from models.workorders.categories import DEFAULTS, OUTSIDE_TRADES, CategoryRule
from models.workorders.states import PRIORITIES

COLUMNS = ("类别", "工种", "范围", "默认优先级", "责任说明", "启用")
SCOPES = {"公共": "public", "户内": "inside", "共用": "mixed"}
SCOPE_WORDS = {scope: word for word, scope in SCOPES.items()}
LONGEST_ANSWER = 200
_TRADES = frozenset(TRADES) | OUTSIDE_TRADES | {rule.trade for rule in DEFAULTS.values()}
_ON_OR_OFF = {"是": True, "": True, "否": False}


@dataclass(frozen=True)
class CategoryRow:
    """One line of the table. `active` False: the company does not change this line, the product's own holds."""

    rule: CategoryRule
    active: bool


@dataclass(frozen=True)
class CategorySheet:
    """What was read; `refusals` name each bad cell by its address with the reason, and then nothing may be written."""

    rows: tuple[CategoryRow, ...]
    refusals: tuple[str, ...]


def read_categories(sheets: Iterable[Sheet]) -> CategorySheet:
    """Read the first sheet that has anything on it."""
    sheet = next((sheet for sheet in sheets if sheet.rows), None)
    if sheet is None:
        return CategorySheet((), ("表里什么都没有",))
    head = min(sheet.rows)
    places = {cell.text.strip(): column for column, cell in sheet.rows[head].items()}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        return CategorySheet((), (f"{sheet.name} 第{head}行缺少表头：{'、'.join(missing)}",))
    rows: list[CategoryRow] = []
    refusals: list[str] = []
    for number in sheet.down(after=head):
        cells = {name: sheet.cell(number, places[name]) for name in COLUMNS}
        if not any(cell.text.strip() for cell in cells.values()):
            continue
        wrong = _wrong(cells, {row.rule.code for row in rows})
        refusals += [f"{sheet.name}!{cells[name].address} {name}：{reason}" for name, reason in wrong]
        if not wrong:
            rows.append(_row(cells))
    return CategorySheet(tuple(rows), tuple(refusals))


def _wrong(cells: dict[str, Cell], seen: set[str]) -> list[tuple[str, str]]:
    """(column, reason) for every cell of a line that cannot be used."""
    said = {name: _said(cell) for name, cell in cells.items()}
    checks = (
        ("类别", said["类别"] in DEFAULTS, f"没有这个类别，可用的有：{'、'.join(DEFAULTS)}"),
        ("类别", said["类别"] not in seen, "这个类别写了两次"),
        ("工种", said["工种"] in _TRADES, f"没有这个工种，可用的有：{'、'.join(sorted(_TRADES))}"),
        ("范围", said["范围"] in SCOPES, "请写：公共、户内或共用"),
        ("默认优先级", said["默认优先级"] in PRIORITIES, "请写：P0、P1、P2 或 P3"),
        ("责任说明", len(said["责任说明"]) <= LONGEST_ANSWER, f"太长，最多{LONGEST_ANSWER}个字"),
        ("启用", said["启用"] in _ON_OR_OFF, "请写：是 或 否"),
    )
    formulas = [(name, "是公式，请写成文字") for name, cell in cells.items() if cell.kind in ("formula", "error")]
    return formulas or [(name, reason) for name, right, reason in checks if not right]


def _row(cells: dict[str, Cell]) -> CategoryRow:
    said = {name: _said(cell) for name, cell in cells.items()}
    rule = CategoryRule(said["类别"], said["工种"], SCOPES[said["范围"]], said["默认优先级"], said["责任说明"])
    return CategoryRow(rule, _ON_OR_OFF[said["启用"]])


def _said(cell: Cell) -> str:
    """What the cell says; the ' that an export puts before what looks like a formula is taken off again."""
    return cell.text.strip().removeprefix("'")
