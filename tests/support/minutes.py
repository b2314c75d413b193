"""A working calendar walked minute by minute: slow, and too simple to be wrong. What the real one is held against."""

from datetime import date, datetime, timedelta
from random import Random

from models.calendar import SHANGHAI, WHOLE_DAY, Calendar, Day, Hours, Stop

MINUTE = timedelta(minutes=1)
FIRST_DAY = date(2025, 12, 20)  # over the end of a year, a leap day's neighbour and the end of every short month


def counts(calendar: Calendar, minute: datetime, stops: list[Stop]) -> bool:
    """Does this minute count? Looked up afresh for every minute."""
    local = minute.astimezone(SHANGHAI)
    dated = calendar.dates.get(local.date())
    hours = calendar.week[local.weekday()] if dated is None else dated.hours
    of_day = local.hour * 60 + local.minute
    return any(begins <= of_day < ends for begins, ends in hours) and not any(
        begins <= minute < ends for begins, ends in stops
    )


def walked_between(calendar: Calendar, start: datetime, end: datetime, stops: list[Stop]) -> int:
    """Counted seconds, a minute at a time."""
    minutes, at = 0, start
    while at < end:
        minutes += counts(calendar, at, stops)
        at += MINUTE
    return minutes * 60


def walked_add(calendar: Calendar, start: datetime, minutes: int, stops: list[Stop]) -> datetime:
    """The end of the minute that is the last to count."""
    at = start
    while minutes:
        minutes -= counts(calendar, at, stops)
        at += MINUTE
    return at


def walked_opening(calendar: Calendar, start: datetime) -> datetime:
    at = start
    while not counts(calendar, at, []):
        at += MINUTE
    return at


def any_hours(random: Random) -> Hours:
    """A day off, a day round the clock, a day with a break or two, or a few minutes somewhere."""
    kind = random.randrange(6)
    if kind == 0:
        return ()
    if kind == 1:
        return WHOLE_DAY
    marks = sorted(random.sample(range(1441), 2 * random.randint(1, 3)))
    return tuple(zip(marks[::2], marks[1::2], strict=True))


def any_calendar(random: Random) -> Calendar:
    week = [any_hours(random) for _ in range(7)]
    if not any(week):
        week[random.randrange(7)] = ((480, 720), (780, 1080))
    # Mostly holidays, sometimes a whole week of them, and days that work although their weekday does not.
    dates = {FIRST_DAY + timedelta(days=random.randrange(40)): Day(any_hours(random), "假") for _ in range(6)}
    if random.random() < 0.3:
        first = FIRST_DAY + timedelta(days=random.randrange(20))
        dates |= {first + timedelta(days=number): Day((), "长假") for number in range(8)}
    return Calendar(tuple(week), dates)


def any_moment(random: Random) -> datetime:
    """Often at a border: midnight, eight, half past eleven at night."""
    day = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=SHANGHAI) + timedelta(
        days=random.randrange(30)
    )
    minute = random.choice((0, 480, 1410, 1439, random.randrange(1440), random.randrange(1440)))
    return day + timedelta(minutes=minute)


def any_stops(random: Random, start: datetime) -> list[Stop]:
    """Pauses, in any order; they may touch and overlap, and begin before the clock does."""
    stops = []
    for _ in range(random.choice((0, 0, 1, 2, 4))):
        begins = start + timedelta(minutes=random.randint(-300, 4000))
        stops.append((begins, begins + timedelta(minutes=random.randint(1, 3000))))
    return stops
