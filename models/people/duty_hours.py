"""From when until when somebody is on night duty: what the working calendar leaves open. Pure."""

from datetime import date, datetime, timedelta

from models.calendar import Calendar, clock_on

MORNING = 8 * 60  # when a shift changes on a day off


def shift_of(calendar: Calendar, day: date) -> tuple[datetime, datetime]:
    """The shift that a date names: from the last closing of that day, or its morning when it is a day off, to the first
    opening of the next day, or its morning. Never longer than a day."""
    today, tomorrow = calendar.hours_on(day), calendar.hours_on(day + timedelta(days=1))
    begins = clock_on(day, today[-1][1] if today else MORNING)
    ends = clock_on(day + timedelta(days=1), tomorrow[0][0] if tomorrow else MORNING)
    # Where one day's work ends when the next begins (round the clock) the roster still has a night in it.
    return (begins, ends) if begins < ends else (clock_on(day, 18 * 60), clock_on(day + timedelta(days=1), MORNING))
