"""From price, quantity and days to fen: numbers worked out by hand."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from models.billing.cycles import Cycle
from models.billing.explain import compared, equation
from models.billing.lines import Line, Manner, Price, from_basis, line_of, to_basis
from models.billing.proration import Proration
from models.money import Rounding

AREA = Fraction("89.37")
OLD, NEW = Price(date(2023, 1, 1), Fraction(185)), Price(date(2024, 5, 11), Fraction(200))
MARCH = Cycle(date(2024, 3, 1), date(2024, 3, 31))
QUARTER = Cycle(date(2024, 1, 1), date(2024, 3, 31))
LONG_AGO = date(2020, 1, 1)
BY_DAYS = Manner(proration=Proration.ACTUAL_DAYS)


def test_a_month_and_a_quarter() -> None:
    assert line_of(MARCH, AREA, [OLD], Manner(), since=LONG_AGO).fen == 16533
    assert line_of(QUARTER, AREA, [OLD], Manner(), since=LONG_AGO).fen == 49599
    assert line_of(QUARTER, AREA, [OLD], Manner(month_by_month=False), since=LONG_AGO).fen == 49600


def test_a_new_price_inside_a_month_splits_it_by_days() -> None:
    # 10 of 31 days at 1.85 and 21 at 2.00: 5333.371 + 12108.193… = 17441.564…
    may = Cycle(date(2024, 5, 1), date(2024, 5, 31))
    line = line_of(may, AREA, [NEW, OLD], Manner(), since=LONG_AGO)
    assert line.fen == 17442
    assert [(piece.start.day, piece.end.day) for piece in line.months[0].pieces] == [(1, 10), (11, 31)]


@pytest.mark.parametrize(
    ("proration", "fen"),
    [
        (Proration.ACTUAL_DAYS, 9067 + 16533),
        (Proration.DAYS_30, 9369 + 16533),
        (Proration.NEXT_MONTH, 16533),
        (Proration.HALF_MONTH, 16533 + 16533),
        (Proration.FULL_MONTH, 16533 + 16533),
    ],
)
def test_who_moves_in_inside_a_quarter_pays_from_then_on(proration: Proration, fen: int) -> None:
    cycle = Cycle(date(2024, 2, 1), date(2024, 4, 30))
    assert line_of(cycle, AREA, [OLD], Manner(proration=proration), since=date(2024, 3, 15)).fen == fen


def test_nothing_is_owed_before_the_handover_or_after_the_end() -> None:
    assert line_of(MARCH, AREA, [OLD], BY_DAYS, since=date(2024, 4, 1)) == Line(AREA, (), 0)
    assert line_of(MARCH, AREA, [OLD], BY_DAYS, since=LONG_AGO, until=date(2024, 2, 29)).fen == 0
    # 10 of 31 days: 5333.37
    assert line_of(MARCH, AREA, [OLD], BY_DAYS, since=LONG_AGO, until=date(2024, 3, 10)).fen == 5333


def test_a_day_without_a_price_is_never_free() -> None:
    with pytest.raises(LookupError):
        line_of(MARCH, AREA, [NEW], Manner(), since=LONG_AGO)
    with pytest.raises(LookupError):
        line_of(MARCH, AREA, [], Manner(), since=LONG_AGO)


def test_a_period_that_begins_on_the_31st_has_as_many_months_as_it_says() -> None:
    cycle = Cycle(date(2023, 1, 31), date(2023, 4, 29))
    assert [month.fen for month in line_of(cycle, AREA, [OLD], Manner(), since=LONG_AGO).months] == [16533] * 3


def test_what_is_kept_with_the_bill_gives_the_same_line_again() -> None:
    may = Cycle(date(2024, 5, 1), date(2024, 7, 31))
    line = line_of(may, AREA, [OLD, NEW], BY_DAYS, since=date(2024, 5, 4))
    assert from_basis(to_basis(line, "area"), line.fen) == line


def told(cycle: Cycle, prices: list[Price], manner: Manner, since: date = LONG_AGO) -> list[str]:
    line = line_of(cycle, AREA, prices, manner, since=since)
    return equation(to_basis(line, "area"), line.fen, manner.rounding)


def test_the_equation_of_a_plain_month() -> None:
    assert told(MARCH, [OLD], Manner()) == [
        "89.37平方米 × 1.85元 = 165.3345元",
        "这个月165.33元（四舍五入到分）",
    ]


def test_the_equation_of_a_quarter_tells_equal_months_once() -> None:
    assert told(QUARTER, [OLD], Manner()) == [
        "89.37平方米 × 1.85元 = 165.3345元",
        "每个月165.33元（四舍五入到分）",
        "3个月一共495.99元",
    ]
    assert told(QUARTER, [OLD], Manner(month_by_month=False))[-1] == "3个月一共496.0035元，四舍五入到分是496.00元"


def test_the_equation_of_a_month_with_two_prices() -> None:
    assert told(Cycle(date(2024, 5, 1), date(2024, 5, 31)), [OLD, NEW], Manner()) == [
        "05月01日到05月10日：89.37平方米 × 1.85元 × 10/31个月 = 53.333709…元",
        "05月11日到05月31日：89.37平方米 × 2.00元 × 21/31个月 = 121.081935…元",
        "这个月174.42元（四舍五入到分）",
    ]


def test_a_rounding_to_jiao_says_so() -> None:
    assert told(MARCH, [OLD], Manner(rounding=Rounding.JIAO_FLOOR))[-1] == "这个月165.30元（分抹掉）"


def test_why_it_costs_more_than_before() -> None:
    june, july = Cycle(date(2024, 4, 1), date(2024, 4, 30)), Cycle(date(2024, 6, 1), date(2024, 6, 30))
    before, this = (line_of(cycle, AREA, [OLD, NEW], Manner(), since=LONG_AGO) for cycle in (june, july))
    assert compared(this, before, "物业费") == "物业费多了13.41元，因为单价从1.85元变成2.00元"
    assert compared(this, this, "物业费") == ""
    part = line_of(june, AREA, [OLD], BY_DAYS, since=june.start + timedelta(days=15))
    assert compared(before, part, "物业费").endswith("因为上一期收1/2个月，这一期收1个月")
