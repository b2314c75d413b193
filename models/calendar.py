"""When time counts: the hours of a week, lunch taken out, with dated holidays and make-up days (调休补班).

Pure, in whole seconds, and always in Asia/Shanghai, whatever zone the machine or the given moment is in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

# Shanghai has been eight hours ahead all year round since 1992; no order is older.
_AHEAD = 8 * 3600
_DAY = 86_400
_BEGINNING = date(1970, 1, 1).toordinal()
_FARTHEST = 3660  # days; whoever counts further has a calendar that never opens

Hours = tuple[tuple[int, int], ...]  # spans of one day in minutes since midnight: ((480, 720), (780, 1080))
Stretch = tuple[int, int]  # from and until in seconds since 1970 (UTC); the end itself no longer belongs to it
Stop = tuple[datetime, datetime]  # a time in which nothing counts, whatever the calendar says

WHOLE_DAY: Hours = ((0, 1440),)


@dataclass(frozen=True)
class Day:
    """One date that is not like its weekday. No hours: a day off."""

    hours: Hours
    note: str = ""


@dataclass(frozen=True)
class Calendar:
    """`week`: the hours of Monday to Sunday. `dates`: what holds on a date instead. Raises ValueError if no weekday is open."""

    week: tuple[Hours, ...]
    dates: Mapping[date, Day] = field(default_factory=dict)

    def __post_init__(self) -> None:
        every = [*self.week, *(day.hours for day in self.dates.values())]
        if len(self.week) != 7 or not any(self.week) or not all(is_orderly(hours) for hours in every):
            raise ValueError("a calendar has seven weekdays, at least one of them open, and spans in order")

    def hours_on(self, day: date) -> Hours:
        dated = self.dates.get(day)
        return dated.hours if dated is not None else self.week[day.weekday()]

    def note_on(self, day: date) -> str:
        """国庆节, or "" for a day like every other of its kind."""
        dated = self.dates.get(day)
        return dated.note if dated is not None else ""


def is_orderly(hours: Hours) -> bool:
    """Every span within one day, longer than nothing, and after the one before it."""
    ends = 0
    for begins, until in hours:
        if not ends <= begins < until <= 1440:
            return False
        ends = until
    return True


ALWAYS = Calendar((WHOLE_DAY,) * 7)


def usual_hours(week: Sequence[Hours]) -> Hours:
    """What a make-up day works: the hours of the first open weekday."""
    return next(hours for hours in week if hours)


# --- counting ----------------------------------------------------------------------------------------------------------


def add(calendar: Calendar, start: datetime, seconds: int, stops: Iterable[Stop] = ()) -> datetime:
    """The earliest moment at which `seconds` of counted time have passed since `start`; `start` itself for none."""
    left = seconds
    if left <= 0:
        return start
    for begins, ends in _counting(calendar, _seconds(start), stops):
        if left <= ends - begins:
            return _moment(begins + left)
        left -= ends - begins
    raise ValueError("the calendar does not open for that long")


def between(calendar: Calendar, start: datetime, end: datetime, stops: Iterable[Stop] = ()) -> int:
    """Counted seconds from `start` to `end`; 0 when the end comes first."""
    until, counted = _seconds(end), 0
    for begins, ends in _counting(calendar, _seconds(start), stops):
        if begins >= until:
            break
        counted += min(ends, until) - begins
    return counted


def next_opening(calendar: Calendar, moment: datetime) -> datetime:
    """The earliest moment from `moment` on at which the calendar is open."""
    for begins, _ in _open(calendar, _seconds(moment)):
        return _moment(begins)
    raise ValueError("the calendar never opens")


def at_work(calendar: Calendar, moment: datetime) -> bool:
    """Between the first opening and the last closing of its day: people at lunch may be given something to do."""
    local = moment.astimezone(SHANGHAI)
    hours = calendar.hours_on(local.date())
    return bool(hours) and hours[0][0] <= local.hour * 60 + local.minute < hours[-1][1]


def midnight_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def clock_on(day: date, minutes: int) -> datetime:
    """A time of day; 1440 minutes is the midnight after it."""
    return midnight_of(day) + timedelta(minutes=minutes)


def _counting(calendar: Calendar, since: int, stops: Iterable[Stop]) -> Iterator[Stretch]:
    """The open stretches from `since` on, without what lies in a stop."""
    closed = sorted((_seconds(begins), _seconds(ends)) for begins, ends in stops)
    for begins, ends in _open(calendar, since):
        at = begins
        for shut, again in closed:
            if again <= at or shut >= ends:
                continue
            if shut > at:
                yield at, shut
            at = max(at, again)
        if at < ends:
            yield at, ends


def _open(calendar: Calendar, since: int) -> Iterator[Stretch]:
    first = (since + _AHEAD) // _DAY
    for number in range(first, first + _FARTHEST):
        midnight = number * _DAY - _AHEAD
        for begins, ends in calendar.hours_on(date.fromordinal(_BEGINNING + number)):
            if midnight + ends * 60 > since:
                yield max(since, midnight + begins * 60), midnight + ends * 60


def _seconds(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, SHANGHAI)
