"""How often a day each call may be made. Source: D/service/Message_Management/API_Call_Limits.html."""

from collections import Counter
from datetime import datetime

from bot.simulator.errors import ApiError

DAILY = {
    "/cgi-bin/token": 2_000,
    "/cgi-bin/stable_token": 500_000,
    "/cgi-bin/menu/create": 1_000,
    "/cgi-bin/menu/get": 10_000,
    "/cgi-bin/menu/delete": 1_000,
    "/cgi-bin/media/upload": 100_000,
    "/cgi-bin/media/get": 200_000,
    "/cgi-bin/message/custom/send": 500_000,
    "/cgi-bin/message/template/send": 100_000,
    "/cgi-bin/qrcode/create": 100_000,
    "/cgi-bin/user/get": 500,
    "/cgi-bin/user/info": 5_000_000,
}
OTHERS = 100_000
CLEARS_PER_MONTH = 10


class CallCounts:
    """Counts start again at midnight in Beijing, and with the process."""

    def __init__(self) -> None:
        self._used: Counter[tuple[str, str]] = Counter()
        self._clears: Counter[str] = Counter()

    def count(self, path: str, now: datetime) -> None:
        """Raises ApiError 45009 when the day's calls are used up."""
        if self._used[_day(now), path] >= DAILY.get(path, OTHERS):
            raise ApiError(45009)
        self._used[_day(now), path] += 1

    def clear(self, now: datetime) -> None:
        """Raises ApiError 48006 the eleventh time in a month."""
        month = _day(now)[:7]
        if self._clears[month] >= CLEARS_PER_MONTH:
            raise ApiError(48006)
        self._clears[month] += 1
        self._used.clear()

    def of(self, path: str, now: datetime) -> dict[str, int]:
        limit, used = DAILY.get(path, OTHERS), self._used[_day(now), path]
        return {"daily_limit": limit, "used": used, "remain": limit - used}


def _day(now: datetime) -> str:
    return now.date().isoformat()
