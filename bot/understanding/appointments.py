"""When somebody wants a visit: 「明天下午三点以后」 as words, and as moments when it is known what time it is."""

import re
from datetime import datetime, time, timedelta

_DAYS = {"今天": 0, "今晚": 0, "今日": 0, "明天": 1, "明日": 1, "明晚": 1, "明早": 1, "后天": 2, "大后天": 3}
_DAY = r"大后天|后天|明天|明日|明晚|明早|今天|今晚|今日"
_WEEKDAY = r"(?:这个?|本|下个?)?(?:周|星期|礼拜)[一二三四五六日天末]"
_DATE = r"\d{1,2}月\d{1,2}[日号]?|(?<!\d)\d{1,2}[号日](?!楼|栋|门|单|院|线|工)"
_PART = r"早上|早晨|上午|中午|下午|傍晚|晚上|夜里|凌晨|晚"
_CLOCK = r"\d{1,2}\s*(?:点钟?(?:半|\d{1,2}分?)?|[:：]\d{2})"
_BOUND = r"以?后|之后|以?前|之前|左右|过后"

_WHEN = re.compile(
    rf"(?P<day>{_DAY}|{_WEEKDAY}|{_DATE})?\s*(?:的)?(?P<part>{_PART})?\s*"
    rf"(?P<clock>{_CLOCK})?(?:\s*[到至~-]\s*(?P<until>{_CLOCK}))?\s*(?P<bound>{_BOUND})?"
)
# Parts of a day as a person of the trade means them when he promises to come.
_PARTS = {
    "凌晨": (0, 6),
    "早上": (7, 9),
    "早晨": (7, 9),
    "上午": (8, 12),
    "中午": (12, 14),
    "下午": (14, 18),
    "傍晚": (17, 19),
    "晚上": (18, 21),
    "晚": (18, 21),
    "夜里": (18, 21),
}
_WEEKDAYS = "一二三四五六日"


def appointment_in(text: str, now: datetime | None) -> dict[str, str] | None:
    """The first time named in `text` (spoken numbers as figures).

    Returns {"text": words} and, when `now` (aware) is given and the words name a day or an hour, "from" and, if there is an end, "until"
    as ISO 8601 in the zone of `now`. None when no time is named. A past hour of today is left as words only.
    """
    for match in _WHEN.finditer(text):
        said = match.group().strip()
        if not (match["day"] or match["part"] or match["clock"]) or said == "晚":
            continue
        found = {"text": said}
        if now is not None:
            found |= _moments(match, now)
        return found
    return None


def _moments(match: re.Match[str], now: datetime) -> dict[str, str]:
    day = _day(match["day"] or "", now)
    if day is None:
        return {}
    part = match["part"] or (
        "晚上" if (match["day"] or "").endswith("晚") else "上午" if match["day"] == "明早" else ""
    )
    start, end = _span(day, part, match["clock"], match["until"], match["bound"] or "")
    if start is None or (end or start) < now:
        return {}
    moments = {"from": start.isoformat()}
    if end is not None:
        moments["until"] = end.isoformat()
    return moments


def _span(
    day: datetime, part: str, clock: str | None, until: str | None, bound: str
) -> tuple[datetime | None, datetime | None]:
    first, last = _PARTS.get(part, (8, 18))
    if clock is None:
        return _at(day, time(first)), _at(day, time(last))
    start = _hour(clock, part)
    if start is None:
        return None, None
    at = _at(day, start)
    if until is not None and (stop := _hour(until, part or ("下午" if start.hour >= 12 else ""))):
        return at, _at(day, stop)
    if bound.endswith("后"):
        return at, _at(day, time(max(last, start.hour + 1))) if start.hour < 22 else None
    if bound.endswith("前"):
        return _at(day, time(min(first, start.hour))), at
    return at, None


def _at(day: datetime, clock: time) -> datetime:
    return day.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)


def _hour(clock: str, part: str) -> time | None:
    hour, *rest = (int(figure) for figure in re.findall(r"\d+", clock))
    minute = rest[0] if rest else (30 if "半" in clock else 0)
    afternoon = part in ("下午", "傍晚", "晚上", "晚", "夜里") or (part == "中午" and hour < 11)
    # Nobody asks a repairman for four in the morning: bare 1–6 is the afternoon.
    if hour < 12 and (afternoon or (not part and 1 <= hour <= 6)):
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _day(said: str, now: datetime) -> datetime | None:
    if not said:
        return now
    if said in _DAYS:
        return now + timedelta(days=_DAYS[said])
    if match := re.search(r"(?:周|星期|礼拜)([一二三四五六日天末])", said):
        wanted = {"天": 6, "末": 5}.get(match.group(1), _WEEKDAYS.find(match.group(1)))
        ahead = wanted - now.weekday()
        if said.startswith("下"):
            return now + timedelta(days=ahead + 7)
        return now + timedelta(days=ahead if ahead >= 0 else ahead + 7)
    return _date([int(figure) for figure in re.findall(r"\d+", said)], now)


def _date(figures: list[int], now: datetime) -> datetime | None:
    """The next day of this date: 「5号」 said on the 10th is next month's."""
    month, day = figures if len(figures) == 2 else (now.month, figures[0])
    try:
        date = now.replace(month=month, day=day)
        if date.date() >= now.date():
            return date
        if len(figures) == 2:
            return date.replace(year=now.year + 1)
        return date.replace(year=now.year + now.month // 12, month=now.month % 12 + 1)
    except ValueError:
        return None
