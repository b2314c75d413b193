"""Money is whole fen (int). Exact values inside a rule are Fractions of a fen; they are rounded once, half away from zero."""

from enum import StrEnum
from fractions import Fraction


class Rounding(StrEnum):
    """To what a contract rounds a bill line (domain rules 1.4). Floors go towards zero, so that a reversal of x is exactly -x."""

    FEN_HALF_UP = "fen_half_up"
    JIAO_HALF_UP = "jiao_half_up"
    JIAO_FLOOR = "jiao_floor"
    YUAN_HALF_UP = "yuan_half_up"
    YUAN_FLOOR = "yuan_floor"


_FEN = {"fen": 1, "jiao": 10, "yuan": 100}
# To a multiple of so many fen; half up, or towards zero.
_MANNER = {mode: (_FEN[mode.partition("_")[0]], mode.endswith("half_up")) for mode in Rounding}


def rounded(exact: Fraction | int, mode: Rounding = Rounding.FEN_HALF_UP) -> int:
    """Whole fen from an exact number of fen."""
    return rounded_part(exact.numerator, exact.denominator, mode)


def rounded_part(counted: int, parts: int, mode: Rounding) -> int:
    """The same of `counted` / `parts` fen, which need not be in lowest terms: this is done for every month of every bill."""
    unit, half_up = _MANNER[mode]
    parts *= unit  # whole numbers all the way
    whole, rest = divmod(abs(counted), parts)
    if half_up and 2 * rest >= parts:
        whole += 1
    return (whole if counted >= 0 else -whole) * unit


def shown(fen: int) -> str:
    """As it stands everywhere people read it: 1,234.50元."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}元"


def percent(rate: Fraction | None) -> str:
    """Two decimals, half up from the exact fraction; without a denominator there is no rate: —."""
    if rate is None:
        return "—"
    hundredths = rounded(rate * 10_000)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


# --- 大写: how an amount is written on a receipt so that nobody can add a stroke (支付结算办法, 附一) --------------------

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


def in_capitals(fen: int) -> str:
    """壹佰陆拾伍元叁角叁分; a whole number of yuan or jiao ends in 整. Negative amounts begin with 负.

    Raises ValueError from 10^12 yuan on: no receipt of ours is that large.
    """
    yuan, jiao, cents = abs(fen) // 100, abs(fen) // 10 % 10, abs(fen) % 10
    if yuan >= 10**12:
        raise ValueError("an amount too large for a receipt")
    words = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif cents and yuan:
        words += "零"
    words += f"{_DIGITS[cents]}分" if cents else "整"
    if not fen:
        words = "零元整"
    return f"负{words}" if fen < 0 else words


def _whole(yuan: int) -> str:
    groups = []
    while yuan:
        groups.append(yuan % 10_000)
        yuan //= 10_000
    words = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            continue
        # A gap in front of this group is read as one 零: either the group above was empty, or this one begins with zeros.
        gap = words and (group < 1000 or not groups[place + 1])
        words += ("零" if gap else "") + _four(group) + _GROUPS[place]
    return words


def _four(group: int) -> str:
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return words
