"""抄表: how much was used between two readings (domain rules 3.6, E13): ratio, roll-over, a meter that was replaced."""

from dataclasses import dataclass
from fractions import Fraction

from models.billing.figures import exact_in

TIMES_THE_USUAL = 3  # a roll-over is only believed when the use it means is below this many times the usual


class Doubtful(Exception):
    """This reading cannot be right as it stands; the message asks whoever took it, and nothing is written."""


@dataclass(frozen=True)
class Replacement:
    """The old meter's last reading and the new one's first."""

    old_end: Fraction
    new_start: Fraction


def ratio_in(text: str) -> Fraction:
    """A meter's ratio as it is kept ("40"). Raises Doubtful for what is no number above 0."""
    ratio = exact_in(text)
    if ratio is None or ratio <= 0:
        raise Doubtful("这块表的倍率登记得不对，请先核对。")
    return ratio


def use_between(
    before: Fraction,
    now: Fraction,
    *,
    ratio: Fraction = Fraction(1),
    replaced: Replacement | None = None,
    digits: int | None = None,
    rolled_over: bool = False,
    usual: Fraction | None = None,
) -> Fraction:
    """Units used (m³, kWh), times the meter's `ratio` (CT).

    `digits`: how many whole digits the meter has; with `rolled_over` confirmed by the reader, a smaller number than before
    counts as gone past its end, unless that would mean `TIMES_THE_USUAL` times the `usual` use or more. Raises Doubtful.
    """
    if before < 0 or now < 0:
        raise Doubtful("读数不能是负数，请再看一眼表。")
    if replaced is not None:
        old, new = replaced.old_end - before, now - replaced.new_start
        if old < 0 or new < 0:
            raise Doubtful("换表前后的读数对不上，请核对旧表止码和新表起码。")
        return (old + new) * ratio
    if now >= before:
        return (now - before) * ratio
    if digits is None or not rolled_over:
        raise Doubtful("这次的读数比上次小。是抄错了、换了表，还是表走满一圈？")
    end = int(10**digits)
    if before >= end:
        raise Doubtful(f"上次的读数超过了{digits}位数，这块表走不到那么大，请先核对上次的读数。")
    used = (end - before + now) * ratio
    if usual is not None and used >= TIMES_THE_USUAL * usual:
        raise Doubtful("按走满一圈算，用量是平时的三倍以上，请再核对一次读数。")
    return used
