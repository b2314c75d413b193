"""Exact numbers as people read them, and meters' counts as they are kept (1/10000 of a unit)."""

from fractions import Fraction

PARTS = 10_000  # of a unit: readings have up to four decimals


def yuan(fen: Fraction) -> str:
    """Exact fen as yuan, as far as the digits go; what never ends is cut after six: 165.3345."""
    sign, value = ("-" if fen < 0 else ""), abs(fen) / 100
    whole = value.numerator // value.denominator
    rest = value - whole
    digits = ""
    while rest and len(digits) < 6:
        rest *= 10
        digits += str(rest.numerator // rest.denominator)
        rest -= rest.numerator // rest.denominator
    return f"{sign}{whole:,}.{digits:0<2}{'…' if rest else ''}"


def number(value: Fraction) -> str:
    """89.37 or 2; more digits than people write are cut."""
    return yuan(value * 100).removesuffix(".00")


def counted(value: Fraction) -> str:
    """What a meter shows: 1523.4, 12, without commas."""
    whole, _, rest = number(value).replace(",", "").partition(".")
    rest = rest.rstrip("0")
    return f"{whole}.{rest}" if rest else whole


def exact_in(text: object) -> Fraction | None:
    """The number that exact text says ("1.4", "40"); None where it says none: 1/0, nan, words."""
    try:
        return Fraction(str(text))
    except (ArithmeticError, ValueError):
        return None


def units(parts: int) -> Fraction:
    return Fraction(parts, PARTS)


def parts_of(value: Fraction) -> int:
    """1/10000 of a unit. Raises ValueError for more decimals than a meter has."""
    whole = value * PARTS
    if whole.denominator != 1:
        raise ValueError("a meter has at most four decimals")
    return whole.numerator
