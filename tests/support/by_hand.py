"""Bills worked out the long way: one day after the other, in exact fractions. None of it is the program's own arithmetic."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction

DAY = timedelta(days=1)
Exact = Callable[[date], Fraction]

# What a contract may round to: (fen, half up); else down.
UNITS = {
    "fen_half_up": (1, True),
    "jiao_half_up": (10, True),
    "jiao_floor": (10, False),
    "yuan_half_up": (100, True),
    "yuan_floor": (100, False),
}


def whole_fen(exact: Fraction, rounding: str = "fen_half_up") -> int:
    """An amount that is not negative, as a contract rounds it."""
    unit, half_up = UNITS[rounding]
    return unit * int(exact / unit + (Fraction(1, 2) if half_up else 0))


def days_from(first: date, until: date) -> Iterator[date]:
    while first <= until:
        yield first
        first += DAY


def begin_of_month(anchor: date, number: int) -> date:
    """Of the `number`-th month counted from the anchor: its own day, or the last one that the month has."""
    year, month, day = anchor.year, anchor.month, anchor.day
    for _ in range(abs(number)):
        month += 1 if number > 0 else -1
        year, month = (year + 1, 1) if month == 13 else (year - 1, 12) if month == 0 else (year, month)
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def months_of(anchor: date, months: int, day: date) -> list[list[date]]:
    """The days of each month of the period in which `day` lies."""
    number = 0
    while begin_of_month(anchor, number) > day:
        number -= months
    while begin_of_month(anchor, number + months) <= day:
        number += months
    return [
        list(days_from(begin_of_month(anchor, number + one), begin_of_month(anchor, number + one + 1) - DAY))
        for one in range(months)
    ]


def first_month_pays(mode: str, days: Sequence[date], begin: date) -> Fraction:
    """What of a whole month is due when it is begun later than on its first day."""
    left = [day for day in days if day >= begin]
    return {
        "next_month": Fraction(0),
        "actual_days": Fraction(len(left), len(days)),
        "days_30": min(Fraction(1), Fraction(len(left), 30)),
        "half_month": Fraction(1) if days.index(begin) < 15 else Fraction(1, 2),
        "full_month": Fraction(1),
    }[mode]


def month_due(days: Sequence[date], served: Sequence[date], a_month: Exact, mode: str) -> Fraction:
    """Exact fen for one month: `a_month` says what a whole month would cost at the price of a day."""
    if not served:
        return Fraction(0)
    of_a_day = Fraction(1, len(days))
    if served[0] != days[0]:
        of_a_day = first_month_pays(mode, days, served[0]) / len([day for day in days if day >= served[0]])
    return sum((a_month(day) * of_a_day for day in served), Fraction(0))
