"""免打扰: the hours in which nobody is woken by what can wait (domain rules 1.11). Pure; minutes since midnight in Asia/Shanghai."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DEFAULT = (21 * 60, 8 * 60)
# No company's quiet hours may reach further (models/estate/calendar_sheet.py): outside of these nobody needs to look.
WIDEST = (18 * 60, 10 * 60)

AWAKE_FOR = timedelta(minutes=30)  # whoever wrote so lately is not woken by an answer to it

_SHANGHAI = ZoneInfo("Asia/Shanghai")


def quiet_until(now: datetime, begins: int, ends: int) -> datetime | None:
    """When the quiet hours end that `now` lies in; None when it lies in none. `begins` is the evening, `ends` the morning."""
    local = now.astimezone(_SHANGHAI)
    minute = local.hour * 60 + local.minute
    if minute >= begins:
        return _at(local.date() + timedelta(days=1), ends)
    return _at(local.date(), ends) if minute < ends else None


def _at(day: date, minutes: int) -> datetime:
    return datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=_SHANGHAI)
