"""优惠: what is taken off, always as a line of its own so that the receivable stays true (domain rules 1.7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from models.money import Rounding, rounded

YEAR = 12  # months


@dataclass(frozen=True)
class Offer:
    """What a year's prepayment comes to: `pay` fen now for `months` of service; `discount` fen is the line that is taken off."""

    pay: int
    discount: int
    months: int


def extended(month_fen: int, paid_months: int, free_months: int) -> Offer:
    """交一年送一月 by longer cover. The caller checks the city's cap on prepaid months (杭州 §55, 郑州 §42: twelve)."""
    return Offer(month_fen * paid_months, 0, paid_months + free_months)


def deducted(month_fen: int, months: int, free_months: int) -> Offer:
    """交一年送一月 by paying less for the same cover; the better one where prepayment is capped."""
    return Offer(month_fen * (months - free_months), month_fen * free_months, months)


def share_off(gross: int, pays: Fraction, months: int, rounding: Rounding = Rounding.FEN_HALF_UP) -> Offer:
    """95 折 is `pays` 95/100 of `gross` fen."""
    pay = rounded(gross * pays, rounding)
    return Offer(pay, gross - pay, months)


def vacant(month_fen: int, pays: Fraction, rounding: Rounding = Rounding.FEN_HALF_UP) -> int:
    """Fen for a month in which the home stood empty, by the city's or the contract's share."""
    return rounded(month_fen * pays, rounding)


def offered(gross: int, months: Sequence[int], offer: Mapping[str, Any], rounding: Rounding) -> Offer | None:
    """What the contract takes off a bill for a whole year that is paid in advance; None where it takes off nothing.

    `months`: fen of each month. `offer`: {"pays": "0.95"} (95 折) or {"free_months": 1} (付11个月享12个月: the last ones are free).
    """
    if len(months) != YEAR or not offer:
        return None
    if "pays" in offer:
        return share_off(gross, Fraction(offer["pays"]), YEAR, rounding)
    free = int(offer["free_months"])
    discount = sum(months[-free:])
    return Offer(gross - discount, discount, YEAR)


def refund_of_offer(paid: int, month_fen: int, used_months: int) -> int:
    """Fen given back when somebody leaves early: used months at list price, the gift is forfeited, never below nothing."""
    return max(0, paid - month_fen * used_months)
