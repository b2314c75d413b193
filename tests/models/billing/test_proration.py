"""Months in part: E8, E9 of domain rules 1.16, and an oracle that walks the days."""

import random
from datetime import date, timedelta
from fractions import Fraction

import pytest

from models.billing.proration import Proration, Split, first_month, part_of_first_month, split_at
from models.money import Rounding

FEN = Rounding.FEN_HALF_UP
MONTH = Fraction("89.37") * 185  # 16533.45 fen


@pytest.mark.parametrize(
    ("handover", "mode", "fen"),
    [
        (date(2024, 2, 10), Proration.ACTUAL_DAYS, 11402),
        (date(2024, 2, 10), Proration.DAYS_30, 11022),
        (date(2024, 2, 10), Proration.NEXT_MONTH, 0),
        (date(2023, 2, 10), Proration.ACTUAL_DAYS, 11219),
        (date(2023, 2, 10), Proration.DAYS_30, 10471),
        (date(2024, 3, 15), Proration.ACTUAL_DAYS, 9067),
        (date(2024, 3, 15), Proration.DAYS_30, 9369),
        (date(2024, 3, 15), Proration.HALF_MONTH, 16533),
        (date(2024, 3, 16), Proration.HALF_MONTH, 8267),
        (date(2024, 3, 31), Proration.FULL_MONTH, 16533),
        (date(2024, 2, 1), Proration.DAYS_30, 16533),  # a whole month is a whole month, also with 29 days
        (date(2024, 3, 1), Proration.ACTUAL_DAYS, 16533),
    ],
)
def test_the_month_of_the_handover(handover: date, mode: Proration, fen: int) -> None:
    assert first_month(MONTH, handover, mode, FEN) == fen


def test_a_month_of_two_owners_is_their_month_to_the_fen() -> None:
    assert split_at(MONTH, 16533, date(2024, 5, 17), FEN) == Split(before=8533, after=8000)
    assert split_at(MONTH, 16533, date(2024, 5, 1), FEN) == Split(before=0, after=16533)


def test_three_hundred_days_agree_with_walking_them() -> None:
    agree_day_by_day(300)


@pytest.mark.long
def test_ten_thousand_days_agree_with_walking_them() -> None:
    agree_day_by_day(10_000)


def agree_day_by_day(cases: int) -> None:
    for seed in range(cases):
        chance = random.Random(seed)
        day = date(2020, 1, 1) + timedelta(days=chance.randrange(3_000))
        mine, length = walk(day)
        assert part_of_first_month(day, Proration.ACTUAL_DAYS) == Fraction(mine, length)
        exact = Fraction(chance.randrange(1, 10**7), 100)
        month = int(exact + Fraction(1, 2))
        split = split_at(exact, month, day, FEN)
        assert split.before + split.after == month
        assert abs(split.before - exact * (length - mine) / length) <= Fraction(1, 2)


def walk(handover: date) -> tuple[int, int]:
    """(days from the handover to the end of its month, days of that month), counted one by one."""
    day, mine, length = handover.replace(day=1), 0, 0
    while day.month == handover.month:
        length += 1
        mine += day >= handover
        day += timedelta(days=1)
    return mine, length
