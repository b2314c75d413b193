"""违约金: E7 of domain rules 1.16, and an oracle that counts day by day."""

import random
from datetime import date, timedelta
from fractions import Fraction

import pytest

from models.billing.late_fee import OFF, Stretch, Terms, late_fee, stretches

RATE = Fraction(5, 10_000)
TERMS = Terms(RATE)
DUE = date(2024, 3, 31)


@pytest.mark.parametrize(
    ("principal", "due", "paid", "terms", "fen"),
    [
        (148802, DUE, date(2024, 6, 20), TERMS, 6026),
        (148802, DUE, DUE + timedelta(days=2500), TERMS, 148802),
        (148802, DUE, DUE + timedelta(days=1999), TERMS, 148728),
        (148802, DUE, DUE + timedelta(days=2500), Terms(RATE, cap=Fraction(3, 10)), 44641),
        (148802, DUE, DUE + timedelta(days=599), Terms(RATE, cap=Fraction(3, 10)), 44566),
        (49599, date(2023, 1, 31), date(2023, 3, 1), TERMS, 719),
        (49599, date(2024, 1, 31), date(2024, 3, 1), TERMS, 744),
        (148802, DUE, DUE + timedelta(days=15), Terms(RATE, grace_days=10), 1116),
        (148802, DUE, DUE + timedelta(days=15), Terms(RATE, grace_days=10, from_grace=True), 372),
        (148802, DUE, DUE + timedelta(days=10), Terms(RATE, grace_days=10), 0),
        (148802, DUE, DUE, TERMS, 0),
        (148802, DUE, DUE - timedelta(days=3), TERMS, 0),
        (148802, DUE, date(2030, 1, 1), OFF, 0),
    ],
)
def test_a_late_fee_is_as_worked_out(principal: int, due: date, paid: date, terms: Terms, fen: int) -> None:
    assert late_fee(principal, due, paid, terms) == fen


def test_a_payment_in_between_makes_the_rest_of_the_days_cheaper() -> None:
    # 10 days on 100000 and 5 on 40000: 500 + 100
    paid = [(DUE + timedelta(days=10), 60000)]
    assert late_fee(100000, DUE, DUE + timedelta(days=15), TERMS, paid) == 600
    assert stretches(100000, DUE, DUE + timedelta(days=15), TERMS, paid) == [
        Stretch(100000, 10, Fraction(500)),
        Stretch(40000, 5, Fraction(100)),
    ]


def test_what_was_paid_in_full_costs_nothing_more() -> None:
    assert late_fee(100000, DUE, DUE + timedelta(days=90), TERMS, [(DUE + timedelta(days=2), 100000)]) == 100


def test_three_hundred_debts_agree_with_counting_day_by_day() -> None:
    agree_day_by_day(300)


@pytest.mark.long
def test_ten_thousand_debts_agree_with_counting_day_by_day() -> None:
    agree_day_by_day(10_000)


def agree_day_by_day(cases: int) -> None:
    for seed in range(cases):
        chance = random.Random(seed)
        principal, late = chance.randrange(1, 200_000), chance.randrange(-3, 40)
        terms = Terms(
            Fraction(chance.randrange(0, 30), 10_000),
            Fraction(chance.choice((1, 3)), 3),
            chance.choice((0, 0, 5)),
            seed % 2 == 0,
        )
        payments = [
            (DUE + timedelta(days=chance.randrange(-2, 40)), chance.randrange(1, 90_000))
            for _ in range(chance.randrange(3))
        ]
        until = DUE + timedelta(days=late)
        assert late_fee(principal, DUE, until, terms, payments) == day_by_day(principal, until, terms, payments), seed


def day_by_day(principal: int, until: date, terms: Terms, payments: list[tuple[date, int]]) -> int:
    if (until - DUE).days <= terms.grace_days:
        return 0
    owed, day = Fraction(0), DUE
    while day < until:
        day += timedelta(days=1)
        if terms.from_grace and (day - DUE).days <= terms.grace_days:
            continue
        left = principal - sum(fen for paid_on, fen in payments if paid_on < day)
        owed += max(0, left) * terms.rate
    half = Fraction(1, 2)
    return min(int(owed + half), int(terms.cap * principal + half))
