"""增值税 inside an amount that was received: net and tax (domain rules 1.12). For the bookkeeper's sheet, not for the bill."""

from dataclasses import dataclass
from fractions import Fraction

from models.money import rounded


@dataclass(frozen=True)
class Taxed:
    """Fen without tax and the tax; both sum to what was received."""

    net: int
    tax: int


def tax_within(received: int, rate: Fraction) -> Taxed:
    """The tax is what is left after the net has been rounded, so nothing gets lost."""
    net = rounded(received / (1 + rate))
    return Taxed(net, received - net)


def tax_on_resale(received: int, passed_on: int, rate: Fraction) -> int:
    """Fen of tax on the difference only, for water sold on at cost (国家税务总局公告 2016 年第 54 号, simplified method)."""
    return rounded(Fraction(received - passed_on) * rate / (1 + rate))
