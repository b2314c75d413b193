"""What a quarter's work of one person comes to, counted so that it is fair. Pure, in exact fractions (domain rules 5.1).

An order counts from the moment it came into somebody's hands; what is not due yet is neither in time nor late; pauses are
taken out; who was never rated is neither good nor bad; and what makes work hard is said beside the figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from models.workorders.dispatch_score import LOAD_WEIGHTS
from models.workorders.states import URGENT

GOOD_RATING = 4
NOTHING = "—"  # of nothing there is no share


@dataclass(frozen=True)
class Share:
    """`part` of `whole`, both counted."""

    part: int
    whole: int

    @property
    def percent(self) -> str:
        """93.50%, — of nothing."""
        return percent(self.part, self.whole)

    @property
    def words(self) -> str:
        """187/200 93.50%"""
        return f"{self.part}/{self.whole} {self.percent}" if self.whole else f"0/0 {NOTHING}"


@dataclass(frozen=True)
class Timed:
    """One clock of one piece of work: was the step reached, and is (or was) it past its limit?"""

    name: str  # response, arrive, finish
    reached: bool
    late: bool


@dataclass(frozen=True)
class Piece:
    """One order as it was in one person's hands, up to done or until now.

    `seconds`: from their hands to done without pauses, None while it is open. `reopened`: "" never, "blamed" or "other".
    """

    order_id: int
    priority: str
    finished: bool
    seconds: int | None = None
    clocks: tuple[Timed, ...] = ()
    stars: int | None = None
    reopened: str = ""
    outside: bool = False
    storm: bool = False


@dataclass(frozen=True)
class Figures:
    """All of it. `satisfaction` is 0–100 of the rated, as exact fraction, None without any rating."""

    finished: Share
    in_time: dict[str, Share]
    median_seconds: Fraction | None
    p90_seconds: int | None
    fixed_at_once: Share
    rated: Share
    good: Share
    satisfaction: Fraction | None
    load: Fraction
    urgent: int
    outside: int
    storm: int
    reopened_not_theirs: int


def figures_of(pieces: Sequence[Piece]) -> Figures:
    """`pieces`: everything of one person whose order was reported in the period. Each order counts once, by its last piece."""
    orders = _last_of_each(pieces)
    done = [piece for piece in pieces if piece.seconds is not None]
    times = sorted(piece.seconds for piece in done if piece.seconds is not None)
    stars = [piece.stars for piece in done if piece.stars is not None]
    mended = {piece.order_id for piece in done}
    blamed = {piece.order_id for piece in done if piece.reopened == "blamed"}
    return Figures(
        finished=Share(sum(piece.finished for piece in orders), len(orders)),
        in_time={name: in_time(pieces, name) for name in ("response", "arrive", "finish")},
        median_seconds=median(times),
        p90_seconds=percentile(times, 90),
        fixed_at_once=Share(len(mended) - len(blamed), len(mended)),
        rated=Share(len(stars), len(done)),
        good=Share(sum(star >= GOOD_RATING for star in stars), len(stars)),
        satisfaction=satisfaction(stars),
        load=sum((LOAD_WEIGHTS[piece.priority] for piece in orders), Fraction(0)),
        urgent=sum(piece.priority in URGENT for piece in orders),
        outside=sum(piece.outside for piece in orders),
        storm=sum(piece.storm for piece in orders),
        reopened_not_theirs=len({piece.order_id for piece in done if piece.reopened == "other"}),
    )


def in_time(pieces: Iterable[Piece], name: str) -> Share:
    """Reached within the limit, of all that reached the step or are past its limit without."""
    clocks = [clock for piece in pieces for clock in piece.clocks if clock.name == name]
    due = [clock for clock in clocks if clock.reached or clock.late]
    return Share(sum(not clock.late for clock in due), len(due))


def satisfaction(stars: Sequence[int]) -> Fraction | None:
    """All stars given, of five for everybody who gave any, in hundredths: 304 of 350 are 86.86."""
    return Fraction(100 * sum(stars), 5 * len(stars)) if stars else None


def percent(part: int, whole: int) -> str:
    """With two decimals, half up, from the exact fraction: 171/192 is 89.06%."""
    return f"{two_decimals(Fraction(100 * part, whole))}%" if whole else NOTHING


def two_decimals(value: Fraction) -> str:
    """Half up, of something that is not negative: 86.857… is 86.86, 12.5 is 12.50."""
    hundredths = _half_up(value * 100)
    return f"{hundredths // 100}.{hundredths % 100:02}"


def hours(seconds: Fraction | int | None) -> str:
    """3.5小时, — of nothing; one decimal, half up."""
    if seconds is None:
        return NOTHING
    tenths = _half_up(Fraction(seconds, 360))
    return f"{tenths // 10}.{tenths % 10}小时"


def median(ordered: Sequence[int]) -> Fraction | None:
    if not ordered:
        return None
    middle = len(ordered) // 2
    return Fraction(ordered[middle]) if len(ordered) % 2 else Fraction(ordered[middle - 1] + ordered[middle], 2)


def percentile(ordered: Sequence[int], of_hundred: int) -> int | None:
    """The smallest value that at least so many in a hundred do not exceed (nearest rank)."""
    if not ordered:
        return None
    rank = -(-len(ordered) * of_hundred // 100)
    return ordered[max(rank, 1) - 1]


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _last_of_each(pieces: Iterable[Piece]) -> list[Piece]:
    return list({piece.order_id: piece for piece in pieces}.values())
