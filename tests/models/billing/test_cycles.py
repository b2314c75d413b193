"""Which dates a bill covers."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from models.billing.cycles import Cycle, cycle_number, cycle_with, months_later
from models.money import rounded


def test_calendar_quarters() -> None:
    assert cycle_with(date(2024, 1, 1), 3, date(2024, 5, 20)) == Cycle(date(2024, 4, 1), date(2024, 6, 30))


def test_a_short_month_does_not_move_the_ones_after_it() -> None:
    anchor = date(2023, 1, 31)
    starts = [cycle_number(anchor, 1, number).start for number in range(4)]
    assert starts == [date(2023, 1, 31), date(2023, 2, 28), date(2023, 3, 31), date(2023, 4, 30)]
    assert cycle_number(date(2024, 1, 31), 1, 1).start == date(2024, 2, 29)


def test_a_quarter_that_begins_in_a_short_month_still_has_three_months() -> None:
    quarter = cycle_number(date(2023, 11, 30), 3, 1)
    assert quarter == Cycle(date(2024, 2, 29), date(2024, 5, 29))
    assert [(month.start, month.end) for month in quarter.months()] == [
        (date(2024, 2, 29), date(2024, 3, 29)),
        (date(2024, 3, 30), date(2024, 4, 29)),
        (date(2024, 4, 30), date(2024, 5, 29)),
    ]


@pytest.mark.parametrize(
    "anchor", [date(2023, 1, 1), date(2023, 1, 29), date(2023, 1, 31), date(2024, 2, 29), date(2023, 12, 15)]
)
@pytest.mark.parametrize("months", [1, 3, 6, 12])
def test_cycles_follow_one_another_and_every_day_is_in_one(anchor: date, months: int) -> None:
    for number in range(-3, 15):
        this, following = cycle_number(anchor, months, number), cycle_number(anchor, months, number + 1)
        assert following.start == this.end + timedelta(days=1)
        for day in (this.start, this.end):
            assert cycle_with(anchor, months, day) == this


def test_months_later_stays_inside_the_month() -> None:
    assert months_later(date(2024, 1, 31), 13) == date(2025, 2, 28)
    assert months_later(date(2024, 3, 31), -1) == date(2024, 2, 29)


def test_a_quarter_is_three_rounded_months_unless_the_contract_says_in_all() -> None:
    month = Fraction("89.37") * 185
    assert 3 * rounded(month) == 49599
    assert rounded(3 * month) == 49600
    assert 12 * rounded(month) == 198396
    assert rounded(12 * month) == 198401
