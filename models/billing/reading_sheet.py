"""抄表记录 as companies keep them, read as a careful clerk would: what a cell does not say is asked back and never guessed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from models.billing.metered import KIND_NAMES
from models.billing.meters import Replacement
from models.estate.addresses import Address, AddressUnclear, read_address, read_building, read_entrance
from models.estate.ledger_dates import read_date
from models.estate.unclear import Unclear
from models.sheets.grid import HEAD, Cell, Sheet

_HEADS = {
    "room": ("房号", "室号", "门牌", "门牌号", "房间", "房间号"),
    "building": ("楼栋", "栋号", "幢", "楼号", "栋"),
    "entrance": ("单元", "门", "梯"),
    "number": ("表号", "表具编号", "水表号", "电表号"),
    "kind": ("表类型", "表种", "类型", "表别"),
    "name": ("位置", "表位置"),
    "ratio": ("倍率", "倍数"),
    "before": ("上期读数", "上月底数", "上次读数", "上月读数", "上期", "上月", "起码"),
    "now": ("本期读数", "本次读数", "本月读数", "本月底数", "本期", "本月", "止码"),
    "used": ("用量", "实用", "实用量", "用水量", "用电量"),
    "day": ("抄表日期", "日期", "抄表时间"),
    "remark": ("备注", "说明"),
}
_WORDS = {word: name for name, words in _HEADS.items() for word in words}
_MUST = {"room": "房号", "now": "本期读数", "day": "抄表日期"}
_TOTALS = re.compile(r"合计|小计|总计|本页|平均|累计|以下空白")
_NOTHING = frozenset({"", "-", "/", "—", "--", "无"})
_FIGURES = re.compile(r"(\d{1,8}(?:\.\d{1,4})?)(?:吨|度|方|立方|KWH|M3)?")
_ROLLED = re.compile(r"走满|过圈|满圈|翻转|归零|转圈|过零")
_CHECKED = re.compile(r"核对过|已核|核实|属实|复核|无误")
_REPLACED = re.compile(r"旧表\D*?(\d+(?:\.\d+)?)\D+新表\D*?(\d+(?:\.\d+)?)")
_KINDS = (("water", "水"), ("electric", "电"), ("gas", "气"), ("heat", "热"), ("heat", "暖"))


@dataclass(frozen=True)
class ReadingRow:
    """One line. `home` None: a master meter of `building` ("" the whole compound). `now` None: nobody could read it, see `remark`."""

    where: Mapping[str, str]  # column → address of its cell
    home: Address | None
    building: str
    day: date
    now: Fraction | None
    before: Fraction | None = None
    used: Fraction | None = None
    kind: str = ""
    number: str = ""
    name: str = ""
    ratio: str = ""
    rolled: bool = False
    checked: bool = False
    estimated: bool = False
    replaced: Replacement | None = None
    remark: str = ""

    def cell(self, column: str) -> str:
        return self.where.get(column, "")


@dataclass(frozen=True)
class ReadingSheet:
    """What was read. With any refusal nothing may be written."""

    rows: tuple[ReadingRow, ...]
    refusals: tuple[str, ...]


def read_readings(sheets: Iterable[Sheet]) -> ReadingSheet:
    """Every sheet that is a table of readings. The kind of meter may stand in a column, or in the name or title of the sheet."""
    rows: list[ReadingRow] = []
    refusals: list[str] = []
    found = False
    for sheet in sheets:
        if not sheet.rows or sheet.hidden:
            continue
        head, columns = _header(sheet)
        missing = [words for name, words in _MUST.items() if name not in columns]
        if missing:
            refusals.append(f"{sheet.name} 缺少表头：{'、'.join(missing)}")
            continue
        found = True
        titles = "".join(cell.text for number in range(1, head) for cell in sheet.rows.get(number, {}).values())
        kind = _kind_in(sheet.name + titles)
        for number in sheet.down(after=head):
            cells = {name: sheet.cell(number, column) for name, column in columns.items()}
            first = [cell.text for _, cell in sorted(sheet.rows[number].items())[:3]]
            if not any(cell.text.strip() for cell in cells.values()) or any(_TOTALS.search(text) for text in first):
                continue
            line = _Line(sheet.name, cells, kind)
            row = line.read()
            refusals += line.wrong
            if row is not None:
                rows.append(row)
    if not found and not refusals:
        refusals.append("表里什么都没有")
    return ReadingSheet(tuple(rows), tuple(refusals))


def _header(sheet: Sheet) -> tuple[int, dict[str, int]]:
    """The row of the first 15 that has most of the words we know, and where each stands."""
    best: tuple[int, dict[str, int]] = (0, {})
    for number in sorted(row for row in sheet.rows if row <= HEAD):
        columns: dict[str, int] = {}
        for column, cell in sheet.rows[number].items():
            words = re.sub(r"\(.*?\)|\s", "", unicodedata.normalize("NFKC", cell.text))
            if words in _WORDS:
                columns.setdefault(_WORDS[words], column)
        if len(columns) > len(best[1]):
            best = (number, columns)
    return best


def _kind_in(words: str) -> str:
    kinds = {kind for kind, word in _KINDS if word in words}
    return kinds.pop() if len(kinds) == 1 else ""


class _Line:
    """One line being read; `wrong` gathers a sentence for each cell that nobody should guess."""

    def __init__(self, sheet: str, cells: Mapping[str, Cell], kind: str) -> None:
        self._sheet, self._cells, self._kind = sheet, cells, kind
        self.wrong: list[str] = []

    def read(self) -> ReadingRow | None:
        for name, cell in self._cells.items():
            if cell.kind in ("formula", "error"):
                self._refuse(name, "是公式，结果没有存在文件里，请写成数字")
        if self.wrong:
            return None
        remark = self._said("remark")
        home, building = self._home()
        day, now = self._day(), self._number("now")
        before, used = self._number("before"), self._number("used")
        kind = _kind_in(self._said("kind")) or self._kind
        if self._said("kind") and not _kind_in(self._said("kind")):
            self._refuse("kind", f"请写：{'、'.join(KIND_NAMES.values())}")
        replaced, ratio = self._replaced(remark), self._ratio()
        if self.wrong or day is None:
            return None
        return ReadingRow(
            where={name: f"{self._sheet}!{cell.address}" for name, cell in self._cells.items()},
            home=home, building=building, day=day, now=now, before=before, used=used, kind=kind,
            number=self._said("number")[:32], name=self._said("name")[:16], ratio=ratio,
            rolled=bool(_ROLLED.search(remark)), checked=bool(_CHECKED.search(remark)), estimated="估" in remark,
            replaced=replaced, remark=remark[:64],
        )  # fmt: skip

    def _said(self, name: str) -> str:
        cell = self._cells.get(name)
        return unicodedata.normalize("NFKC", cell.text).strip().removeprefix("'") if cell is not None else ""

    def _refuse(self, name: str, reason: str) -> None:
        cell = self._cells[name]
        label = next((words[0] for column, words in _HEADS.items() if column == name), name)
        self.wrong.append(f"{self._sheet}!{cell.address} {label}「{cell.text.strip()[:20]}」：{reason}")

    def _home(self) -> tuple[Address | None, str]:
        said = self._said("room")
        try:
            building = read_building(self._said("building")) if self._said("building") else ""
            if "总" in said and "表" in said:
                words = re.sub(r"总?[水电气热]?总?表", "", said).strip()
                return None, read_building(words) if words else building
            entrance = read_entrance(self._said("entrance")) if self._said("entrance") else ""
            homes = read_address(said)
        except AddressUnclear as unclear:
            self._refuse("room", unclear.reason)
            return None, ""
        if self._cells["room"].kind == "date":
            self._refuse("room", "像是日期，可能是表格把房号改成了日期")
        if len(homes) != 1:
            self._refuse("room", "写了几户，请一户一行")
        home = homes[0]
        return Address(home.building or building, home.entrance or entrance, home.room, home.kind), ""

    def _day(self) -> date | None:
        cell = self._cells["day"]
        try:
            day = cell.value if isinstance(cell.value, date) else read_date(cell.text)
        except Unclear as unclear:
            self._refuse("day", unclear.reason)
            return None
        if not isinstance(day, date):
            self._refuse("day", "没有写抄表日期")
            return None
        return date(day.year, day.month, day.day)

    def _number(self, name: str) -> Fraction | None:
        said = self._said(name).upper().replace(",", "").replace(" ", "")
        if said in _NOTHING or (name == "now" and not any(letter.isdigit() for letter in said)):
            return None  # 未入户, 锁门: nobody could read it
        figures = _FIGURES.fullmatch(said)
        if figures is None:
            self._refuse(name, "请只写表上的数字，最多四位小数")
            return None
        return Fraction(figures[1])

    def _ratio(self) -> str:
        said = self._said("ratio")
        if not said or (re.fullmatch(r"\d{1,5}(\.\d{1,2})?", said) and Fraction(said) > 0):
            return said
        self._refuse("ratio", "倍率请只写数字，例如 40，没有就空着")  # taken for 1, the home would pay a fortieth
        return ""

    def _replaced(self, remark: str) -> Replacement | None:
        if "换表" not in remark and "新表" not in remark:
            return None
        numbers = _REPLACED.search(remark)
        if numbers is None:
            self._refuse("remark", "换了表要写旧表止码和新表起码，例如「换表 旧表1547 新表0」")
            return None
        return Replacement(Fraction(numbers[1]), Fraction(numbers[2]))


def twice(rows: Sequence[ReadingRow]) -> list[str]:
    """The same meter on the same day in two lines: nobody can tell which holds."""
    seen: dict[tuple[object, ...], ReadingRow] = {}
    refusals = []
    for row in rows:
        key = (row.home, row.building, row.kind, row.name, row.number, row.day)
        if key in seen:
            refusals.append(f"{row.cell('room')} 房号：和 {seen[key].cell('room')} 是同一块表同一天，请留一行")
        seen.setdefault(key, row)
    return refusals
