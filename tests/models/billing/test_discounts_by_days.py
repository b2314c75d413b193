"""Empty homes and prepaid years against an oracle that goes day by day in exact rationals."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import pytest

from models.billing.cycles import cycle_number, months_later
from models.billing.discounts import offered, refund_of_offer
from models.billing.explain import equation
from models.billing.handover import split_bill
from models.billing.lines import Less, Line, Manner, Price, from_basis, line_of, to_basis
from models.billing.proration import Proration
from models.billing.vacancy import first_day, owed_after_all
from models.money import Rounding, rounded

A_YEAR = [16_533] * 12
LIST = [Price(date(2020, 1, 1), Fraction(185))]
AREA = Fraction("89.37")


def may_of(less: Sequence[Less]) -> Line:
    return line_of(cycle_number(date(2024, 5, 1), 1, 0), AREA, LIST, Manner(), since=date(2024, 5, 1), less=less)


def test_e10_a_year_prepaid() -> None:
    free = offered(198_396, A_YEAR, {"free_months": 1}, Rounding.FEN_HALF_UP)
    assert free is not None
    assert (free.pay, free.discount) == (181_863, 16_533)
    part = offered(198_396, A_YEAR, {"pays": "0.95"}, Rounding.FEN_HALF_UP)
    assert part is not None
    assert (part.pay, part.discount) == (188_476, 9_920)
    assert offered(49_599, [16_533] * 3, {"pays": "0.95"}, Rounding.FEN_HALF_UP) is None, "only a whole year"
    assert offered(198_396, A_YEAR, {}, Rounding.FEN_HALF_UP) is None


def test_e11_an_empty_home_pays_its_part() -> None:
    assert may_of([Less(date(2024, 1, 1), None, Fraction(7, 10))]).fen == 11_573
    assert may_of([Less(date(2024, 1, 1), None, Fraction(6, 10))]).fen == 9_920


def test_less_is_paid_by_the_day_and_the_equation_says_so() -> None:
    line = may_of([Less(date(2024, 5, 17), date(2024, 5, 26), Fraction(7, 10))])
    # 16533.45 × (21 + 10 × 0.7) / 31
    assert line.fen == rounded(Fraction("16533.45") * 28 / 31)
    said = equation(to_basis(line, "area"), line.fen, Rounding.FEN_HALF_UP)
    assert said[1].startswith("05月17日到05月26日：89.37平方米 × 1.85元 × 10/31个月 × 70%（空置） = ")
    assert from_basis(to_basis(line, "area"), line.fen) == line


def test_from_which_day() -> None:
    assert first_day(date(2025, 9, 1), date(2026, 3, 10), 6) == date(2026, 4, 1), "the month after the approval"
    assert first_day(date(2025, 12, 16), date(2026, 3, 10), 6) == date(2026, 6, 16), "by the day, once it is six months"


def test_whoever_comes_back_pays_the_days_from_then_on_in_full() -> None:
    less = [Less(date(2024, 1, 1), None, Fraction(7, 10))]
    billed = may_of(less)
    more = owed_after_all(billed, date(2024, 5, 17), Manner())
    right = may_of([Less(date(2024, 1, 1), date(2024, 5, 16), Fraction(7, 10))])
    assert billed.fen + more == right.fen


def test_whoever_sells_has_used_the_days_at_list_price_and_the_gift_is_gone() -> None:
    year = line_of(cycle_number(date(2024, 1, 1), 12, 0), AREA, LIST, Manner(), since=date(2024, 1, 1))
    basis = {**to_basis(year, "area"), "offer": {"free_months": 1, "gross": 198_396, "off": 16_533}}
    former, new = split_bill(basis, 181_863, date(2024, 1, 1), date(2024, 12, 31), date(2024, 6, 1), Manner())
    assert former is not None
    assert new is not None
    assert (former.fen, new.fen) == (5 * 16_533, 7 * 16_533)
    assert 181_863 - former.fen == refund_of_offer(181_863, 16_533, 5)


def by_days(seed: int) -> None:
    chance = random.Random(seed)
    start, months = date(2020, 1, 1) + timedelta(days=chance.randrange(1500)), chance.choice((1, 3, 12, 12))
    end = months_later(start, months) - timedelta(days=1)
    prices = [(start - timedelta(days=1), Fraction(chance.randrange(3_000, 60_000), 100))]
    if chance.random() < 0.5:
        prices.append(
            (start + timedelta(days=chance.randrange(1, 200)), Fraction(chance.randrange(3_000, 60_000), 100))
        )
    quantity = Fraction(chance.randrange(1_000, 30_000), 100)
    begun = start + timedelta(days=chance.randrange(-60, 300))
    less = [
        Less(begun, begun + timedelta(days=chance.randrange(90)), Fraction(chance.randrange(1, 100), 100)),
        Less(begun + timedelta(days=chance.randrange(95, 200)), None, Fraction(chance.randrange(1, 100), 100)),
    ][: chance.randrange(3)]
    manner = Manner(chance.choice(list(Rounding)), chance.random() < 0.7, Proration.ACTUAL_DAYS)
    line = line_of(
        cycle_number(start, months, 0), quantity, [Price(*each) for each in prices], manner, since=start, less=less
    )

    each_month = []
    for number in range(months):
        one, after = months_later(start, number), months_later(start, number + 1)
        length, exact = (after - one).days, Fraction(0)
        while one < after:
            price = next(price for since, price in reversed(prices) if since <= one)
            pays = next((each.pays for each in less if each.since <= one <= (each.until or end)), Fraction(1))
            exact += quantity * price * pays / length
            one += timedelta(days=1)
        each_month.append(exact)
    fen = [rounded(exact, manner.rounding) for exact in each_month]
    gross = sum(fen) if manner.month_by_month else rounded(sum(each_month, Fraction(0)), manner.rounding)
    assert line.fen == gross, seed

    hundredths, free = chance.randrange(50, 100), chance.randrange(1, 3)
    part = offered(gross, fen, {"pays": f"0.{hundredths:02}"}, manner.rounding)
    gift = offered(gross, fen, {"free_months": free}, manner.rounding)
    if months != 12:
        assert part is gift is None, seed
        return
    assert part is not None
    assert gift is not None
    assert part.pay == rounded(Fraction(gross * hundredths, 100), manner.rounding), seed
    assert gift.pay == gross - sum(fen[12 - free :]), seed
    assert part.pay + part.discount == gift.pay + gift.discount == gross, seed


def test_three_hundred_bills_day_by_day() -> None:
    for seed in range(300):
        by_days(seed)


@pytest.mark.long
def test_ten_thousand_bills_day_by_day() -> None:
    for seed in range(300, 10_300):
        by_days(seed)
