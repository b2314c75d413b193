"""Moments and lengths of time as people say them: 今天15:30, 3月12日10:20, 2小时15分. Pure."""

from datetime import datetime, timedelta

from models.calendar import SHANGHAI, Calendar, add

_NEAR = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}
ROUND = timedelta(minutes=5)


def length(seconds: int) -> str:
    """2小时15分, 25分钟, 不到1分钟; seconds are left out."""
    hours, minutes = divmod(max(seconds, 0) // 60, 60)
    if hours == 0:
        return f"{minutes}分钟" if minutes else "不到1分钟"
    return f"{hours}小时{minutes}分" if minutes else f"{hours}小时"


def moment(at: datetime, now: datetime) -> str:
    """今天15:30; far away 3月12日15:30, in another year with the year."""
    local, today = at.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    day = _NEAR.get((local.date() - today).days) or f"{local.month}月{local.day}日"
    return f"{'' if local.year == today.year else f'{local.year}年'}{day}{local:%H:%M}"


def promise(usual: datetime, calendar: Calendar, seconds: int, now: datetime) -> datetime:
    """A new time that can be kept: `usual`, or when that is over half of `seconds` from now; rounded up to five minutes."""
    at = usual if usual > now else add(calendar, now, max(seconds // 2, 60))
    over = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at - over + ROUND if over else at
