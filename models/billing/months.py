"""Which month somebody means: 2026-03, 03, this_month, last_month, as the understanding hands it over."""

import re
from datetime import date

from models.billing.cycles import months_later

_WHOLE = re.compile(r"(20)?(\d{2})[-年./]?(\d{1,2})月?")
_ALONE = re.compile(r"(\d{1,2})月?")


def month_meant(said: str, today: date) -> str | None:
    """YYYY-MM, or None when it is no month. A month alone is the last one of that name: in March, 12 is last December."""
    relative = {"this_month": 0, "last_month": -1}
    if said in relative:
        return f"{months_later(today.replace(day=1), relative[said]):%Y-%m}"
    words = re.sub(r"\s", "", said)
    if match := _WHOLE.fullmatch(words):
        return _written(int(f"20{match[2]}"), int(match[3]))
    if match := _ALONE.fullmatch(words):
        month = int(match[1])
        return _written(today.year if month <= today.month else today.year - 1, month)
    return None


def _written(year: int, month: int) -> str | None:
    return f"{year}-{month:02d}" if 1 <= month <= 12 else None
