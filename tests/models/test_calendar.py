"""When time counts: worked by hand first, then held against a walk through every minute."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from models.calendar import (
    ALWAYS,
    SHANGHAI,
    Calendar,
    Day,
    add,
    at_work,
    between,
    next_opening,
)
from tests.support.minutes import (
    any_calendar,
    any_moment,
    any_stops,
    walked_add,
    walked_between,
    walked_opening,
)

HOUR = 3600
OFFICE = ((480, 720), (780, 1080))  # 08:00–12:00, 13:00–18:00: nine hours
FIVE_DAYS = (*(OFFICE,) * 5, (), ())
NATIONAL_DAY = {date(2026, 10, day): Day((), "国庆节") for day in range(1, 8)}
MAKE_UP = {date(2026, 10, 10): Day(OFFICE, "国庆节调休")}
COMPANY = Calendar(FIVE_DAYS, {**NATIONAL_DAY, **MAKE_UP})


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def test_lunch_does_not_count() -> None:
    assert add(COMPANY, at(3, 10, 11, 30), HOUR) == at(3, 10, 13, 30)
    assert between(COMPANY, at(3, 10, 11, 30), at(3, 10, 13, 30)) == HOUR


def test_the_last_minute_of_a_day_is_that_day_and_not_the_next_morning() -> None:
    assert add(COMPANY, at(3, 10, 17), HOUR) == at(3, 10, 18)
    assert add(COMPANY, at(3, 10, 17), HOUR + 60) == at(3, 11, 8, 1)


def test_a_weekend_is_stepped_over() -> None:
    assert add(COMPANY, at(3, 13, 17, 30), HOUR) == at(3, 16, 8, 30)  # a Friday evening


def test_a_week_of_holidays_and_the_saturday_that_makes_up_for_it() -> None:
    assert next_opening(COMPANY, at(9, 30, 18)) == at(10, 8, 8)
    assert add(COMPANY, at(9, 30, 17), 2 * HOUR) == at(10, 8, 9)
    assert between(COMPANY, at(9, 30, 17), at(10, 8, 9)) == 2 * HOUR
    assert between(COMPANY, at(10, 10), at(10, 11)) == 9 * HOUR  # a Saturday that works
    assert between(COMPANY, at(10, 1), at(10, 8)) == 0


def test_the_end_of_a_month_and_of_a_year_are_days_like_others() -> None:
    daily = Calendar((OFFICE,) * 7)
    assert add(daily, at(2, 28, 17), 2 * HOUR) == at(3, 1, 9)
    assert add(daily, at(12, 31, 17), 2 * HOUR) == at(1, 1, 9, year=2027)
    assert add(daily, at(2, 28, 17, year=2028), 2 * HOUR) == at(2, 29, 9, year=2028)


def test_round_the_clock_is_plain_time() -> None:
    start = at(12, 31, 23, 30)
    assert add(ALWAYS, start, 4 * HOUR) == start + timedelta(hours=4)
    assert between(ALWAYS, start, start + timedelta(days=40)) == 40 * 24 * HOUR


def test_a_night_shift_over_midnight_is_two_spans() -> None:
    nights = Calendar((((0, 360), (1320, 1440)),) * 7)
    assert add(nights, at(3, 10, 23), 2 * HOUR) == at(3, 11, 1)
    assert next_opening(nights, at(3, 10, 6)) == at(3, 10, 22)


def test_nothing_to_count_ends_where_it_begins_even_at_night() -> None:
    assert add(COMPANY, at(3, 10, 23), 0) == at(3, 10, 23)
    assert between(COMPANY, at(3, 10, 12), at(3, 10, 9)) == 0


def test_pauses_are_taken_out_once_however_they_overlap() -> None:
    stops = [(at(3, 10, 9), at(3, 10, 10)), (at(3, 10, 9, 30), at(3, 10, 11)), (at(3, 10, 12), at(3, 10, 13))]
    assert between(COMPANY, at(3, 10, 8), at(3, 10, 14), stops) == 3 * HOUR
    assert add(COMPANY, at(3, 10, 8), 2 * HOUR, stops) == at(3, 10, 12)


def test_seconds_are_kept() -> None:
    start = at(3, 10, 9) + timedelta(seconds=17)
    assert add(COMPANY, start, 90) == at(3, 10, 9, 1) + timedelta(seconds=47)
    assert between(COMPANY, start, at(3, 10, 9, 1)) == 43


def test_at_lunch_people_are_at_work_and_on_days_off_they_are_not() -> None:
    moments = [at(3, 10, 7, 59), at(3, 10, 8), at(3, 10, 12, 30), at(3, 10, 17, 59), at(3, 10, 18), at(3, 14, 10)]
    assert [at_work(COMPANY, moment) for moment in moments] == [False, True, True, True, False, False]


@pytest.mark.parametrize(
    "week",
    [
        ((),) * 7,  # never open
        (OFFICE,) * 6,  # a day is missing
        (((720, 480),), *(OFFICE,) * 6),  # the end before the beginning
        (((480, 1080), (720, 780)), *(OFFICE,) * 6),  # lunch laid over the hours
        (((480, 480),), *(OFFICE,) * 6),
        (((480, 1500),), *(OFFICE,) * 6),
    ],
)
def test_what_is_no_calendar_is_refused(week: tuple[tuple[tuple[int, int], ...], ...]) -> None:
    with pytest.raises(ValueError, match="a calendar has"):
        Calendar(week)


def _agrees(seed: int) -> None:
    random = Random(seed)
    calendar, start = any_calendar(random), any_moment(random)
    stops, minutes = any_stops(random, start), random.randint(1, 1500)
    end = start + timedelta(minutes=random.randint(0, 6000))
    about = f"seed {seed}"
    assert between(calendar, start, end, stops) == walked_between(calendar, start, end, stops), about
    added = add(calendar, start, minutes * 60, stops)
    assert added == walked_add(calendar, start, minutes, stops), about
    assert next_opening(calendar, start) == walked_opening(calendar, start), about


@pytest.mark.parametrize("part", range(4))
def test_it_agrees_with_a_walk_through_every_minute(part: int) -> None:
    for seed in range(part * 25, (part + 1) * 25):
        _agrees(seed)


@pytest.mark.long
@pytest.mark.parametrize("part", range(20))
def test_it_agrees_ten_thousand_times(part: int) -> None:
    for seed in range(part * 500, (part + 1) * 500):
        _agrees(seed)


def test_a_moment_of_any_zone_is_the_same_moment() -> None:
    assert add(COMPANY, at(3, 10, 11, 30).astimezone(UTC), HOUR) == at(3, 10, 13, 30)
