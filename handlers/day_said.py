"""A day as staff say it: 2026-03-05, 3月5日, 今天, 昨天."""

import re
from datetime import date, timedelta

_WHOLE = re.compile(r"(20\d{2})[-./年](\d{1,2})[-./月](\d{1,2})[日号]?(?!\d)")
_SHORT = re.compile(r"(?<!\d)(\d{1,2})月(\d{1,2})[日号]?(?!\d)")
_HALF_A_YEAR = timedelta(days=183)
_NEAR = {"今天": 0, "昨天": 1, "前天": 2}


def day_said(text: str, today: date) -> date | None:
    """The day the words name; without a year the nearest one. None for none, and for a day that does not exist."""
    if whole := _WHOLE.search(text):
        return _day(int(whole[1]), int(whole[2]), int(whole[3]))
    if short := _SHORT.search(text):
        found = _day(today.year, int(short[1]), int(short[2]))
        far_ahead = found is not None and found - today > _HALF_A_YEAR
        return _day(today.year - 1, int(short[1]), int(short[2])) if far_ahead else found
    ago = next((days for word, days in _NEAR.items() if word in text), None)
    return today - timedelta(days=ago) if ago is not None else None


def without_days(text: str) -> str:
    """What else was said."""
    return _SHORT.sub(" ", _WHOLE.sub(" ", text))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
