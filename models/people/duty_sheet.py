"""A night roster as a sheet: 日期 值班人 小区. A date may be a run of days; several people share a night."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from models.estate.ledger_dates import read_date
from models.estate.unclear import Unclear
from models.sheets.grid import Cell, Sheet

COLUMNS = ("日期", "值班人", "小区")
NEEDED = COLUMNS[:2]
LONGEST_RUN = 31  # days in one line
MOST_ROWS = 2000
_RUN = re.compile(r"\s*(?:至|到|~|～|—|–)\s*")
_NAMES = re.compile(r"[\s,，、/]+")


@dataclass(frozen=True)
class DutyLine:
    """Who has the night duty of these days; `community` is "" for the whole company."""

    days: tuple[date, ...]
    staff_ids: tuple[int, ...]
    names: tuple[str, ...]
    community: str


@dataclass(frozen=True)
class DutySheet:
    """What was read; `refusals` name each bad cell by its address with the reason, and then nothing may be written."""

    lines: tuple[DutyLine, ...]
    refusals: tuple[str, ...]


def read_duty(sheets: Iterable[Sheet], staff: Mapping[str, int], communities: Mapping[str, int]) -> DutySheet:
    """Read the first sheet that has anything on it. `staff`: those who may be on duty, by their whole name."""
    sheet = next((sheet for sheet in sheets if sheet.rows), None)
    if sheet is None:
        return DutySheet((), ("表里什么都没有",))
    head, *numbers = sorted(sheet.rows)
    places = {cell.text.strip(): column for column, cell in sheet.rows[head].items()}
    missing = [name for name in NEEDED if name not in places]
    if missing:
        return DutySheet((), (f"{sheet.name} 第{head}行缺少表头：{'、'.join(missing)}",))
    if len(numbers) > MOST_ROWS:
        return DutySheet((), (f"{sheet.name} 超过 {MOST_ROWS} 行，请分几次导入",))
    lines: list[DutyLine] = []
    refusals: list[str] = []
    seen: set[tuple[date, str]] = set()
    for number in numbers:
        cells = {name: sheet.cell(number, places[name]) for name in COLUMNS if name in places}
        if not any(cell.text.strip() for cell in cells.values()):
            continue
        line, wrong = _read(cells, staff, communities, seen, sheet)
        refusals += [f"{sheet.name}!{cells[name].address} {name}：{reason}" for name, reason in wrong]
        lines += [line] if line is not None else []
    return DutySheet(tuple(lines), tuple(refusals))


def _read(
    cells: Mapping[str, Cell],
    staff: Mapping[str, int],
    communities: Mapping[str, int],
    seen: set[tuple[date, str]],
    sheet: Sheet,
) -> tuple[DutyLine | None, list[tuple[str, str]]]:
    """The line, or (column, reason) for every cell of it that cannot be used."""
    formulas = [(name, "是公式，请写成文字") for name, cell in cells.items() if cell.kind in ("formula", "error")]
    if formulas:
        return None, formulas
    said = {name: cells[name].text.strip() if name in cells else "" for name in COLUMNS}
    names = [name for name in _NAMES.split(said["值班人"]) if name]
    unknown = [name for name in names if name not in staff]
    days, wrong_day = _days(said["日期"], sheet)
    twice = any((day, said["小区"]) in seen for day in days)
    checks = (
        ("日期", not wrong_day, wrong_day),
        ("日期", not twice, "这一天写了两次；几个人一起值班请写在一格里，用顿号隔开"),
        ("值班人", bool(names), "请写值班人的姓名"),
        ("值班人", not unknown, f"没有叫「{'、'.join(unknown)}」的师傅或班长，或者有重名"),
        ("小区", not said["小区"] or said["小区"] in communities, f"没有叫「{said['小区']}」的小区"),
    )
    wrong = [(name, reason) for name, right, reason in checks if not right]
    if wrong:
        return None, wrong
    seen |= {(day, said["小区"]) for day in days}
    return DutyLine(days, tuple(staff[name] for name in names), tuple(names), said["小区"]), []


def _days(text: str, sheet: Sheet) -> tuple[tuple[date, ...], str]:
    """The days, or what is wrong with them."""
    parts = _RUN.split(text)
    try:
        days = [read_date(part, sheet.day_zero) for part in parts]
    except Unclear as unclear:
        return (), str(unclear)
    first, last = days[0], days[-1]
    if first is None or last is None or len(days) > 2:
        return (), "请写日期（2026-10-01），或一段日期（2026-10-01至2026-10-07）"
    count = (last - first).days + 1
    if not 0 < count <= LONGEST_RUN:
        return (), f"一段日期要从前往后写，最多{LONGEST_RUN}天"
    return tuple(first + timedelta(days=number) for number in range(count)), ""
