"""过户 by days, with the worked numbers of domain rules 1.16 and an oracle that goes day by day."""

import random
from datetime import date, timedelta
from fractions import Fraction

import pytest

from models.billing.cycles import cycle_number, months_later
from models.billing.explain import equation
from models.billing.handover import Part, split_bill
from models.billing.lines import Line, Manner, Price, line_of, to_basis
from models.billing.proration import Proration, first_month, split_at
from models.money import Rounding, rounded

EXACT = Fraction("16533.45")  # base house A: 89.37 m² × 1.85 yuan, in fen


def line(start: date, months: int, manner: Manner, prices: list[Price], quantity: Fraction = Fraction("89.37")) -> Line:
    return line_of(cycle_number(start, months, 0), quantity, prices, manner, since=start)


def parts_of(billed: Line, start: date, end: date, day: date, manner: Manner) -> tuple[Part | None, Part | None]:
    return split_bill(to_basis(billed, "area"), billed.fen, start, end, day, manner)


def test_e9_the_seller_pays_sixteen_days_of_may_and_the_buyer_what_is_left() -> None:
    manner, day = Manner(), date(2024, 5, 17)
    billed = line(date(2024, 5, 1), 1, manner, [Price(date(2024, 1, 1), Fraction(185))])
    seller, buyer = parts_of(billed, date(2024, 5, 1), date(2024, 5, 31), day, manner)
    assert seller is not None
    assert buyer is not None
    assert (seller.fen, buyer.fen) == (8533, 8000)
    assert (seller.end, buyer.start) == (date(2024, 5, 16), day)
    assert equation(buyer.basis, buyer.fen, Rounding.FEN_HALF_UP)[-1] == (
        "2024-05-17过户，整期165.33元减去过户前的85.33元，是80.00元"
    )
    assert "这是过户前的85.33元" in equation(seller.basis, seller.fen, Rounding.FEN_HALF_UP)[-1]


def test_a_bill_that_is_not_worked_out_by_the_month_goes_by_its_days() -> None:
    basis = {"formula": "meter", "quantity": "13"}
    former, new = split_bill(basis, 6_500, date(2026, 2, 1), date(2026, 2, 28), date(2026, 2, 15), Manner())
    assert former is not None
    assert new is not None
    assert (former.fen, new.fen) == (3_250, 3_250)
    assert equation(new.basis, new.fen, Rounding.FEN_HALF_UP) == [
        "02月01日到02月28日一共65.00元，28天", "02月15日过户，后面14天归新业主", "应交32.50元"
    ]  # fmt: skip


def test_the_day_must_lie_within_the_bill() -> None:
    for day in (date(2026, 2, 1), date(2026, 3, 1)):
        with pytest.raises(ValueError, match="within"):
            split_bill({"formula": "words"}, 100, date(2026, 2, 1), date(2026, 2, 28), day, Manner())


def by_days(seed: int) -> None:
    """A bill of some months, prices that change, any rounding: day by day it must come to the same."""
    chance = random.Random(seed)
    start, months = date(2020, 1, 1) + timedelta(days=chance.randrange(1500)), chance.choice((1, 1, 3, 6, 12))
    end = months_later(start, months) - timedelta(days=1)
    prices = sorted(
        {start - timedelta(days=9): Fraction(chance.randrange(30, 600)), **{
            start + timedelta(days=chance.randrange(1, 300)): Fraction(chance.randrange(3_000, 60_000), 100)
            for _ in range(chance.randrange(3))
        }}.items()
    )  # fmt: skip
    quantity = Fraction(chance.randrange(1_000, 30_000), 100)
    manner = Manner(chance.choice(list(Rounding)), chance.random() < 0.7, Proration.ACTUAL_DAYS)
    billed = line(start, months, manner, [Price(*each) for each in prices], quantity)
    day = start + timedelta(days=chance.randrange(1, (end - start).days + 1))
    former, new = parts_of(billed, start, end, day, manner)
    fen = [part.fen if part else 0 for part in (former, new)]

    before, whole = Fraction(0), 0
    months_exact = []
    for number in range(months):
        first, after = months_later(start, number), months_later(start, number + 1)
        exact, exact_before = Fraction(0), Fraction(0)
        one = first
        while one < after:
            price = next(price for since, price in reversed(prices) if since <= one)
            a_day = quantity * price / (after - first).days
            exact += a_day
            exact_before += a_day if one < day else 0
            one += timedelta(days=1)
        months_exact.append((exact, exact_before))
    if manner.month_by_month:
        whole = sum(rounded(exact, manner.rounding) for exact, _ in months_exact)
        expected = sum(rounded(part, manner.rounding) for _, part in months_exact)
    else:
        before = sum((part for _, part in months_exact), Fraction(0))
        whole = rounded(sum((exact for exact, _ in months_exact), Fraction(0)), manner.rounding)
        expected = rounded(before, manner.rounding)
    assert billed.fen == whole, seed
    assert fen == [expected, whole - expected], seed


def in_the_first_month(seed: int) -> None:
    """The month of the handover from the developer, and a sale within a month, counted on the fingers."""
    chance = random.Random(seed)
    day = date(2020, 1, 1) + timedelta(days=chance.randrange(2000))
    days = [one for one in (day.replace(day=1) + timedelta(days=each) for each in range(31)) if one.month == day.month]
    exact, rounding = Fraction(chance.randrange(1, 10**7), 100), chance.choice(list(Rounding))
    served = [one for one in days if one >= day]
    part = {
        Proration.NEXT_MONTH: Fraction(0),
        Proration.ACTUAL_DAYS: sum((Fraction(1, len(days)) for _ in served), Fraction(0)),
        Proration.DAYS_30: Fraction(1) if served == days else min(Fraction(len(served), 30), Fraction(1)),
        Proration.HALF_MONTH: Fraction(1) if days.index(day) < 15 else Fraction(1, 2),
        Proration.FULL_MONTH: Fraction(1),
    }
    for mode, share in part.items():
        assert first_month(exact, day, mode, rounding) == rounded(exact * share, rounding), (seed, mode)
    month = rounded(exact, rounding)
    sale = split_at(exact, month, day, rounding)
    seller = rounded(sum((exact / len(days) for one in days if one < day), Fraction(0)), rounding)
    assert (sale.before, sale.after) == (seller, month - seller), seed


def test_three_hundred_bills_split_day_by_day() -> None:
    for seed in range(300):
        by_days(seed)
        in_the_first_month(seed)


@pytest.mark.long
def test_ten_thousand_bills_split_day_by_day() -> None:
    for seed in range(300, 10_300):
        by_days(seed)
        in_the_first_month(seed)
