"""Dates and periods as ledgers hold them: 2024.3.5, 24.3.5, 2024年3月5日, 20240305, the serial 45356, 2024.1-2024.6."""

import calendar
import re
from datetime import date, timedelta
from decimal import Decimal

from models.estate.ledger_values import plain, says_nothing
from models.estate.unclear import Unclear
from models.sheets.grid import SERIALS_OF_1900

_SEPARATED = re.compile(r"(\d{4}|\d{2})(?:[-./年])(\d{1,2})(?:[-./月])(\d{1,2})[日号]?(?: 0{1,2}:00(?::00)?)?")
_EIGHT_DIGITS = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_SERIAL = re.compile(r"([2-7]\d{4})(?:\.0*)?")
_MONTH = r"((?:19|20)\d\d)[-./年](\d{1,2})月?"
_MONTHS = re.compile(rf"{_MONTH}\s*[-~至到—–]+\s*(?:{_MONTH}|(\d{{1,2}})月?)")
_NOT_YET = {"未交房", "未交", "未收房", "未入住", "未装修", "未售"}


def read_date(text: str, day_zero: date = SERIALS_OF_1900) -> date | None:
    """The day a cell names, None when it names none. Raises Unclear for a day that does not exist or is not whole.

    Years of two digits are 1970–2069. `day_zero` is the workbook's own beginning of serial numbers.
    """
    words = plain(text)
    if says_nothing(words) or words in _NOT_YET:
        return None
    if serial := _SERIAL.fullmatch(words):
        return day_zero + timedelta(days=int(Decimal(serial[1])))
    parts = _SEPARATED.fullmatch(words) or _EIGHT_DIGITS.fullmatch(words)
    if not parts:
        raise Unclear("看不懂这个日期，请写成「2024-03-05」这样")
    year, month, day = int(parts[1]), int(parts[2]), int(parts[3])
    if len(parts[1]) == 2:
        year += 1900 if year >= 70 else 2000
    try:
        return date(year, month, day)
    except ValueError:
        raise Unclear("没有这一天，请核对") from None


def read_period(text: str) -> tuple[date, date]:
    """From the first day of the first month to the last day of the last: 2024.1-2024.6, 2024年1月至6月. Raises Unclear."""
    match = _MONTHS.fullmatch(plain(text))
    if not match:
        raise Unclear("看不懂这段时间，请写成「2024.1-2024.6」这样")
    first = (int(match[1]), int(match[2]))
    last = (int(match[3] or match[1]), int(match[4] or match[5]))
    if not (1 <= first[1] <= 12 and 1 <= last[1] <= 12 and first <= last):
        raise Unclear("这段时间不对，请核对月份")
    return date(*first, 1), date(*last, calendar.monthrange(*last)[1])
