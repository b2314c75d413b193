"""What the value of a cell in an .xlsx means: numbers, days, and which styles make a number a day."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from models.sheets.grid import SERIALS_OF_1900

# Number formats that need no definition (ECMA-376 18.8.30); 27–36 and 50–58 are days in Chinese, Japanese and Korean programs.
_DAYS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_MOST_DAYS = 2_958_465  # 31 December 9999
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Styles:
    """Which of the workbook's styles show a number as a day, and from which day it counts."""

    day_zero: date
    days: frozenset[str] = field(default_factory=frozenset)  # the style's number as the cells write it

    @classmethod
    def of(cls, styles: Any, day_zero: date) -> "Styles":
        own = {
            part.get("numFmtId"): part.get("formatCode", "")
            for part in styles.iter()
            if part.tag.rpartition("}")[2] == "numFmt"
        }
        used = next((part for part in styles if part.tag.rpartition("}")[2] == "cellXfs"), ())
        days = (str(place) for place, style in enumerate(used) if _is_day(style.get("numFmtId", "0"), own))
        return cls(day_zero, frozenset(days))

    def day(self, serial: float) -> date | str:
        """A day, a moment where the number has a fraction, a time of day below 1."""
        whole, fraction = divmod(serial, 1)
        seconds = round(fraction * 86_400)
        if 0 <= serial < 1:
            return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        if not 0 <= serial <= _MOST_DAYS:
            return f"{serial:g}"
        if self.day_zero == SERIALS_OF_1900 and whole < 60:
            whole += 1  # before the 29 February 1900 that there never was
        moment = datetime.combine(self.day_zero, time()) + timedelta(days=whole, seconds=seconds)
        return moment.date() if moment.time() == time() else moment


def _is_day(number: str, own: dict[str, str]) -> bool:
    if number in own:
        return bool(re.search(r"[dmyhs]|上午|下午", _NOT_FORMAT.sub("", own[number]).lower().replace("general", "")))
    return number.isdigit() and int(number) in _DAYS


def number_of(written: str) -> Decimal:
    """The number a spreadsheet shows: 89.37 for the 89.370000000000005 that stands in the file."""
    if len(written) <= 15 and written.isdigit():
        return Decimal(written)
    return Decimal(repr(float(written)))


def text_of(written: str) -> str:
    """`_x000D_` is how the format writes a character that XML cannot."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), written) if "_x" in written else written
