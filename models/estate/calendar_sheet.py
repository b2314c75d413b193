"""A company's working calendar as a sheet: 日期 放假/上班 时间 午休 说明 小区. Only the first two columns are needed."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from models.calendar import Hours, is_orderly
from models.estate.ledger_dates import read_date
from models.estate.unclear import Unclear
from models.sheets.grid import Cell, Sheet

COLUMNS = ("日期", "放假/上班", "时间", "午休", "说明", "小区")
NEEDED = COLUMNS[:2]
OFF, ON, USUAL, QUIET = "放假", "上班", "平时", "免打扰"
KINDS = (OFF, ON, USUAL, QUIET)
LONGEST_RUN = 31  # days in one line; longer is a slip of the pen
LONGEST_NOTE = 32
MOST_ROWS = 2000

# Quiet hours end in the morning and begin in the evening: whoever writes 08:00–21:00 has turned them round.
QUIET_BEGINS, QUIET_ENDS = range(18 * 60, 24 * 60), range(5 * 60, 10 * 60 + 1)

WEEKDAYS = "一二三四五六日"
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])(?:[至到~～—–-]+(?:周|星期|礼拜)?([一二三四五六日天]))?")
_EVERY_DAY = frozenset({"每天", "天天", "每日"})
_RUN = re.compile(r"\s*(?:至|到|~|～|—|–)\s*")
_SPAN = re.compile(r"(\d{1,2})(?:[:：点](\d{2})?)?分?[-~～—–至到]+(\d{1,2})(?:[:：点](\d{2})?)?分?")


class Unreadable(Exception):
    """What is wrong with a cell, in one clear sentence."""


@dataclass(frozen=True)
class CalendarLine:
    """One line. Weekdays (0 is Monday) or dates; `hours` is None for a day that works as usual, and for 平时."""

    kind: str
    weekdays: tuple[int, ...]
    dates: tuple[date, ...]
    hours: Hours | None
    note: str
    community: str


@dataclass(frozen=True)
class CalendarSheet:
    """What was read; `refusals` name each bad cell by its address with the reason, and then nothing may be written."""

    lines: tuple[CalendarLine, ...]
    refusals: tuple[str, ...]


def read_calendar(sheets: Iterable[Sheet], communities: Mapping[str, int]) -> CalendarSheet:
    """Read the first sheet that has anything on it. `communities` are the company's own, by name."""
    sheet = next((sheet for sheet in sheets if sheet.rows), None)
    if sheet is None:
        return CalendarSheet((), ("表里什么都没有",))
    head, *numbers = sorted(sheet.rows)
    places = {cell.text.strip(): column for column, cell in sheet.rows[head].items()}
    missing = [name for name in NEEDED if name not in places]
    if missing:
        return CalendarSheet((), (f"{sheet.name} 第{head}行缺少表头：{'、'.join(missing)}",))
    if len(numbers) > MOST_ROWS:
        return CalendarSheet((), (f"{sheet.name} 超过 {MOST_ROWS} 行，日历用不了这么多",))
    lines: list[CalendarLine] = []
    refusals: list[str] = []
    seen: set[tuple[object, str]] = set()
    for number in numbers:
        cells = {name: sheet.cell(number, places[name]) for name in COLUMNS if name in places}
        if not any(cell.text.strip() for cell in cells.values()):
            continue
        read = _read_row(sheet, cells, communities, seen)
        refusals += [read] if isinstance(read, str) else []
        lines += [read] if isinstance(read, CalendarLine) else []
    return CalendarSheet(tuple(lines), tuple(refusals))


def read_hours(text: str) -> Hours:
    """「08:00-12:00 13:00-18:00」 in minutes, in order. Raises Unreadable."""
    spans = [_minutes(match) for match in _SPAN.finditer(text)]
    if not spans or re.sub(r"[\s,，、;；和及]", "", _SPAN.sub("", text)):
        raise Unreadable("看不懂这个时间，请写成「08:00-12:00 13:00-18:00」这样")
    if any(begins >= ends for begins, ends in spans):
        raise Unreadable("结束的时间要晚于开始的时间")
    hours = tuple(sorted(spans))
    if not is_orderly(hours):
        raise Unreadable("几段时间有重叠，或者超过了24:00")
    return hours


def without_lunch(hours: Hours, lunch: str) -> Hours:
    """The hours with a lunch break cut out. Raises Unreadable for one that is not inside them, or leaves nothing."""
    breaks = read_hours(lunch)
    if len(breaks) != 1:
        raise Unreadable("午休只写一段，比如「12:00-13:00」")
    (begins, ends) = breaks[0]
    if not any(start < begins and ends < end for start, end in hours):
        raise Unreadable("午休要在上班时间之内")
    left = []
    for start, end in hours:
        left += [(start, begins), (ends, end)] if start < begins < end else [(start, end)]
    return tuple(left)


def hours_words(hours: Sequence[Sequence[int]]) -> str:
    """08:00-12:00 13:00-18:00"""
    return " ".join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in hours)


def _read_row(
    sheet: Sheet, cells: Mapping[str, Cell], communities: Mapping[str, int], seen: set[tuple[object, str]]
) -> CalendarLine | str:
    """The line, or what is wrong with it, by the cell."""
    said = {name: cells[name].text.strip() if name in cells else "" for name in COLUMNS}
    try:
        for name, cell in cells.items():
            with _in(name):
                _must(cell.kind not in ("formula", "error"), "是公式，请写成文字")
        with _in("放假/上班"):
            _must(said["放假/上班"] in KINDS, f"请写：{'、'.join(KINDS)}")
        with _in("小区"):
            _must(not said["小区"] or said["小区"] in communities, f"没有叫「{said['小区']}」的小区")
        with _in("说明"):
            _must(len(said["说明"]) <= LONGEST_NOTE, f"太长，最多{LONGEST_NOTE}个字")
        with _in("日期"):
            weekdays, dates = _days(said["日期"], sheet)
            _once(said, weekdays, dates, seen)
        with _in("时间"):
            hours = _hours(said, bool(dates))
        with _in("午休"):
            hours = _rested(said, hours)
    except _BadCell as bad:
        cell = cells.get(bad.column) or next(iter(cells.values()))
        return f"{sheet.name}!{cell.address} {bad.column}：{bad.reason}"
    return CalendarLine(said["放假/上班"], weekdays, dates, hours, said["说明"], said["小区"])


class _BadCell(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


@contextmanager
def _in(column: str) -> Iterator[None]:
    """What goes wrong inside is wrong with this column's cell."""
    try:
        yield
    except (Unreadable, Unclear) as wrong:
        raise _BadCell(column, str(wrong)) from None


def _must(right: bool, reason: str) -> None:
    if not right:
        raise Unreadable(reason)


def _rested(said: Mapping[str, str], hours: Hours | None) -> Hours | None:
    if not said["午休"]:
        return hours
    if not hours or said["放假/上班"] != ON:
        raise Unreadable("有上班时间才能写午休")
    return without_lunch(hours, said["午休"])


def _days(text: str, sheet: Sheet) -> tuple[tuple[int, ...], tuple[date, ...]]:
    if text in _EVERY_DAY:
        return tuple(range(7)), ()
    if match := _WEEKDAY.fullmatch(text):
        first, last = (WEEKDAYS.index((name or match[1]).replace("天", "日")) for name in match.groups())
        if last < first:
            raise Unreadable("请从周一往周日写，比如「周一至周五」")
        return tuple(range(first, last + 1)), ()
    parts = _RUN.split(text)
    days = [read_date(part, sheet.day_zero) for part in parts if part] if len(parts) <= 2 else []
    if not days or None in days:
        raise Unreadable("请写日期（2026-10-01）、一段日期（2026-10-01至2026-10-07）、周几或每天")
    first_day, last_day = days[0], days[-1]
    assert first_day is not None
    assert last_day is not None
    count = (last_day - first_day).days + 1
    if not 0 < count <= LONGEST_RUN:
        raise Unreadable(f"一段日期要从前往后写，最多{LONGEST_RUN}天")
    return (), tuple(first_day + timedelta(days=number) for number in range(count))


def _once(
    said: Mapping[str, str], weekdays: Sequence[int], dates: Sequence[date], seen: set[tuple[object, str]]
) -> None:
    days: list[object] = [*weekdays, *dates] if said["放假/上班"] != QUIET else [QUIET]
    keys = {(day, said["小区"]) for day in days}
    if keys & seen:
        raise Unreadable("这一天写了两次")
    seen |= keys


def _hours(said: Mapping[str, str], dated: bool) -> Hours | None:
    kind, text = said["放假/上班"], said["时间"]
    if kind == QUIET:
        return (_quiet(said),)
    if kind == ON and (text or not dated):
        return read_hours(text)
    if text:
        raise Unreadable(f"{kind}的日子不用写时间")
    return () if kind == OFF else None


def _quiet(said: Mapping[str, str]) -> tuple[int, int]:
    if said["日期"] not in _EVERY_DAY or said["小区"]:
        raise Unreadable("免打扰是全公司每天一样的，日期请写「每天」，小区留空")
    match = _SPAN.fullmatch(said["时间"])
    begins, ends = _minutes(match) if match else (0, 0)
    if begins not in QUIET_BEGINS or ends not in QUIET_ENDS:
        raise Unreadable("免打扰请写成「21:00-08:00」这样：18:00以后开始，第二天05:00到10:00之间结束")
    return begins, ends


def _minutes(match: re.Match[str]) -> tuple[int, int]:
    begins, ends = (int(match[at]) * 60 + int(match[at + 1] or 0) for at in (1, 3))
    if any(int(match[at] or 0) >= 60 for at in (2, 4)):
        raise Unreadable("没有这个时间，请核对")
    return begins, ends


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
