"""收费周期: which dates a bill covers (domain rules 1.3). Calendar months, or years counted from a day in old books."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta

LENGTHS = (1, 3, 6, 12)  # months


@dataclass(frozen=True)
class Cycle:
    """Both dates belong to it. `day` is the anchor's day of the month where the start had to give way to a short one, else 0."""

    start: date
    end: date
    day: int = field(default=0, compare=False)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def months(self) -> list["Cycle"]:
        """The months it is made of, each begun on the anchor's own day: 28 February, 31 March, 30 April."""
        begins = [self.start]
        while (following := _on(self.day or self.start.day, months_later(self.start, len(begins)))) <= self.end:
            begins.append(following)
        ends = [*(begin - timedelta(days=1) for begin in begins[1:]), self.end]
        return [Cycle(begin, end) for begin, end in zip(begins, ends, strict=True)]


def cycle_number(anchor: date, months: int, number: int) -> Cycle:
    """The `number`-th cycle of so many months since `anchor` (0: the one that begins there).

    Each begin is worked out from the anchor itself and never from a day that had to give way to a short month:
    31 January, 28 February, 31 March (民法典 §202: a month without that day ends on its last).
    """
    start = months_later(anchor, months * number)
    return Cycle(start, months_later(anchor, months * (number + 1)) - timedelta(days=1), anchor.day)


def cycle_with(anchor: date, months: int, day: date) -> Cycle:
    """The cycle of this anchor that `day` lies in."""
    number = ((day.year - anchor.year) * 12 + day.month - anchor.month) // months
    while months_later(anchor, months * number) > day:
        number -= 1
    while months_later(anchor, months * (number + 1)) <= day:
        number += 1
    return cycle_number(anchor, months, number)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return _on(day.day, date(year, month + 1, 1))


def _on(day: int, month: date) -> date:
    """That day of the month, or the last one that it has."""
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))
