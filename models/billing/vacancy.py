"""空置: from which day a home that stands empty pays less for the service, and what it pays (domain rules 1.7).

Whether and how much is the city's or the contract's to say; the service itself goes on, so nobody pays nothing (民法典 §944).
"""

from datetime import date
from fractions import Fraction

from models.billing.cycles import months_later
from models.billing.lines import Line, Manner
from models.money import rounded

PAYS_LESS = "PROP"  # the only item it is about: neither shares nor refuse get cheaper
# What a city's regulations fix: months empty, percent of the price, where it is written.
PROFILES = {"滨州": (6, 60, "滨州市物业管理条例第38条（前期物业）")}


def first_day(empty_since: date, registered: date, months: int) -> date:
    """The day from which less is paid: the home has been empty for so many months, and the month of the approval is over."""
    following = months_later(registered.replace(day=1), 1)
    return max(months_later(empty_since, months), following)


def owed_after_all(line: Line, day: date, manner: Manner) -> int:
    """Fen to be paid in addition for the days from `day` on of a line that was billed at the lower price."""
    whole, billed = Fraction(0), Fraction(0)
    fen = 0
    for month in line.months:
        exact = sum((piece.exact for piece in month.pieces), Fraction(0))
        after = [piece for piece in month.pieces if piece.end >= day]
        more = sum((_more(piece.exact, piece.pays, piece.start, piece.end, day) for piece in after), Fraction(0))
        whole, billed = whole + exact + more, billed + exact
        if manner.month_by_month:
            fen += rounded(exact + more, manner.rounding) - (month.fen or 0)
    return fen if manner.month_by_month else rounded(whole, manner.rounding) - rounded(billed, manner.rounding)


def _more(exact: Fraction, pays: Fraction, start: date, end: date, day: date) -> Fraction:
    """What the days from `day` on of a piece are short of the whole price."""
    share = Fraction((end - max(start, day)).days + 1, (end - start).days + 1)
    return exact * share * (1 - pays) / pays
