"""公摊费用 read from a sheet, a line for each cost of a month: every bad cell is named by its address, or all of it is good."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from models.billing.shares import Base
from models.estate.addresses import Address, AddressUnclear, read_address
from models.estate.ledger_amounts import read_amount
from models.estate.unclear import Unclear
from models.sheets.grid import Cell, Sheet

COLUMNS = ("月份", "费用", "金额", "范围", "怎么分", "单据")
OPTIONAL = ("不分的金额", "不分的原因", "楼层系数")
_BASES: dict[str, Base] = {"按面积": "area", "按户": "household", "按用量": "usage", "按楼层": "floor"}
_MIXED = re.compile(r"(\d{1,2})%按面积")
_MONTH = re.compile(r"(20\d{2})[-年./](\d{1,2})月?")
_FLOOR = re.compile(r"(\d{1,2})层?\s*[:：=]\s*(\d+(?:\.\d+)?)")
_TOTALS = re.compile(r"合计|小计|总计|本页")


@dataclass(frozen=True)
class PoolRow:
    """One line. Amounts in fen. `homes`: those that share it, when the scope is a list; else a building, an entrance or all."""

    where: str
    period: str
    name: str
    amount: int
    document: str
    base: Base = "area"
    area_part: int = 0
    building: str = ""
    entrance: str = ""
    homes: tuple[Address, ...] = ()
    excluded: int = 0
    excluded_why: str = ""
    floors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PoolSheet:
    """What was read. With any refusal nothing may be written."""

    rows: tuple[PoolRow, ...]
    refusals: tuple[str, ...]


def read_pools(sheets: Iterable[Sheet]) -> PoolSheet:
    """Read the first sheet that has anything on it; columns may stand in any order."""
    sheet = next((sheet for sheet in sheets if sheet.rows), None)
    if sheet is None:
        return PoolSheet((), ("表里什么都没有",))
    head = min(sheet.rows)
    places = {cell.text.strip(): column for column, cell in sheet.rows[head].items()}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        return PoolSheet((), (f"{sheet.name} 第{head}行缺少表头：{'、'.join(missing)}",))
    rows: list[PoolRow] = []
    refusals: list[str] = []
    for number in sheet.down(after=head):
        cells = {name: sheet.cell(number, places[name]) for name in (*COLUMNS, *OPTIONAL) if name in places}
        said = [cell.text.strip() for cell in cells.values()]
        if not any(said) or any(_TOTALS.fullmatch(words) for words in said):
            continue
        line = _Line(sheet.name, cells)
        row = line.read()
        refusals += line.wrong
        if row is not None:
            rows.append(row)
    return PoolSheet(tuple(rows), tuple(refusals))


class _Line:
    """One line being read; `wrong` gathers a sentence for each bad cell."""

    def __init__(self, sheet: str, cells: Mapping[str, Cell]) -> None:
        self._sheet, self._cells = sheet, cells
        self.wrong: list[str] = []

    def read(self) -> PoolRow | None:
        for name, cell in self._cells.items():
            if cell.kind in ("formula", "error"):
                self._refuse(name, "是公式，请写成文字或数字")
        if self.wrong:
            return None
        base, area_part = self._base()
        building, entrance, homes = self._scope()
        row = PoolRow(
            where=f"{self._sheet}!{self._cells['费用'].address}", period=self._month(), name=self._words("费用", 32),
            amount=self._amount("金额"), document=self._words("单据", 200), base=base, area_part=area_part,
            building=building, entrance=entrance, homes=homes,
            excluded=self._amount("不分的金额") if self._said("不分的金额") else 0,
            excluded_why=self._said("不分的原因")[:100], floors=dict(_FLOOR.findall(self._said("楼层系数"))),
        )  # fmt: skip
        return None if self.wrong else row

    def _said(self, name: str) -> str:
        cell = self._cells.get(name)
        return unicodedata.normalize("NFKC", cell.text).strip().removeprefix("'") if cell is not None else ""

    def _refuse(self, name: str, reason: str) -> None:
        self.wrong.append(f"{self._sheet}!{self._cells[name].address} {name}：{reason}")

    def _words(self, name: str, longest: int) -> str:
        said = self._said(name)
        if not 0 < len(said) <= longest:
            self._refuse(name, f"请填写，{longest}字以内")
        return said

    def _month(self) -> str:
        match = _MONTH.fullmatch(self._said("月份"))
        if match is None or not 1 <= int(match[2]) <= 12:
            self._refuse("月份", "请写成 2026-02 这样")
            return ""
        return f"{match[1]}-{int(match[2]):02d}"

    def _amount(self, name: str) -> int:
        try:
            fen = read_amount(self._said(name))
        except Unclear as unclear:
            self._refuse(name, unclear.reason)
            return 0
        if fen is None or fen <= 0:
            self._refuse(name, "请写大于0的金额")
            return 0
        return fen

    def _base(self) -> tuple[Base, int]:
        said = self._said("怎么分").removesuffix("分")
        if mixed := _MIXED.match(said):
            return "mixed", int(mixed[1])
        if said not in _BASES:
            self._refuse("怎么分", f"请写：{'、'.join(_BASES)}，或「60%按面积其余按户」")
            return "area", 0
        return _BASES[said], 0

    def _scope(self) -> tuple[str, str, tuple[Address, ...]]:
        said = self._said("范围")
        if said in ("全小区", "全部", "全体"):
            return "", "", ()
        try:
            parts = [home for words in re.split(r"[，,;；\s]+", said) if words for home in read_address(words)]
        except AddressUnclear:
            parts = []
        if parts and all(home.room for home in parts):
            return "", "", tuple(parts)
        if len(parts) != 1 or not parts[0].building:
            self._refuse("范围", "请写「全小区」「3栋」「3栋2单元」，或者用逗号隔开的房号")
            return "", "", ()
        return parts[0].building, parts[0].entrance, ()
