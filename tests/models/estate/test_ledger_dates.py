"""Days and periods as clerks and spreadsheets write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.estate.ledger_dates import read_date, read_period
from models.estate.unclear import Unclear
from models.sheets.grid import SERIALS_OF_1900, SERIALS_OF_1904

THE_DAY = date(2024, 3, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "2024.3.5", "2024/3/5", "2024-03-05", "2024年3月5日", "2024年3月5号", "24.3.5", "20240305", "45356", "45356.0",
        "２０２４．３．５", " 2024.3.5 ", "2024-03-05 00:00:00",
    ],
)  # fmt: skip
def test_one_day_has_many_spellings(cell: str) -> None:
    assert read_date(cell) == THE_DAY


@pytest.mark.parametrize("cell", ["", "-", "/", "无", "未交房", "未入住"])
def test_a_cell_that_names_no_day_is_empty(cell: str) -> None:
    assert read_date(cell) is None


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2024-02-30", "没有这一天"),
        ("2024.2.30", "没有这一天"),
        ("2023-02-29", "没有这一天"),
        ("20240230", "没有这一天"),
        ("2024.13.1", "没有这一天"),
        ("2024.13", "看不懂"),
        ("去年底", "看不懂"),
        ("3月5号", "看不懂"),
        ("2024.1-2024.6", "看不懂"),
        ("缴至2024.6", "看不懂"),
        ("12", "看不懂"),
        ("453560000", "看不懂"),
    ],
)
def test_a_day_that_does_not_exist_or_is_not_whole_is_refused(cell: str, reason: str) -> None:
    with pytest.raises(Unclear, match=reason):
        read_date(cell)


def test_a_workbook_that_counts_from_1904_means_another_day() -> None:
    assert read_date("43894", SERIALS_OF_1904) == THE_DAY


def test_two_digit_years_reach_from_1970_to_2069() -> None:
    assert (read_date("98.3.5"), read_date("69.3.5")) == (date(1998, 3, 5), date(2069, 3, 5))


@given(st.dates(date(1955, 1, 1), date(2100, 1, 1)))
def test_every_day_reads_back(day: date) -> None:
    serial = (day - SERIALS_OF_1900) // timedelta(days=1)
    assert (
        read_date(day.isoformat())
        == read_date(f"{day.year}年{day.month}月{day.day}日")
        == read_date(str(serial))
        == day
    )


@pytest.mark.parametrize(
    "cell", ["2024.1-2024.6", "2024年1月-2024年6月", "2024年1月至6月", "2024.01~2024.06", "2024.1－2024.6"]
)
def test_a_period_goes_from_the_first_to_the_last_day(cell: str) -> None:
    assert read_period(cell) == (date(2024, 1, 1), date(2024, 6, 30))


@pytest.mark.parametrize("cell", ["2024.6-2024.1", "2024.13-2024.14", "缴至2024.6", "2024", ""])
def test_a_period_that_cannot_be_is_refused(cell: str) -> None:
    with pytest.raises(Unclear):
        read_period(cell)
