from datetime import date, datetime

import pytest

from bot.clock import SHANGHAI
from models.workorders.quarters import Quarter, quarter_at, quarter_in

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("said", "quarter", "rest"),
    [
        ("2026Q1", Quarter(2026, 1), ""),
        ("2025q4", Quarter(2025, 4), ""),
        ("陈师傅 2026Q1", Quarter(2026, 1), "陈师傅"),
        ("2025年第四季度 陈师傅", Quarter(2025, 4), "陈师傅"),
        ("2025年3季度", Quarter(2025, 3), ""),
        ("25Q2", Quarter(2025, 2), ""),
        ("一季度", Quarter(2026, 1), ""),
        ("第二季度", Quarter(2026, 2), ""),
        ("Q3", Quarter(2026, 3), ""),
        ("本季", Quarter(2026, 1), ""),
        ("这个季度 陈师傅", Quarter(2026, 1), "陈师傅"),
        ("上季度", Quarter(2025, 4), ""),
        ("陈师傅上个季度", Quarter(2025, 4), "陈师傅"),
        ("陈师傅", None, "陈师傅"),
        ("", None, ""),
        ("2026", None, "2026"),
    ],
)
def test_a_quarter_is_heard_however_it_is_said(said: str, quarter: Quarter | None, rest: str) -> None:
    assert quarter_in(said, NOW) == (quarter, rest)


@pytest.mark.parametrize("said", ["2026Q5", "2026Q0", "五季度", "第9季度"])
def test_there_are_four(said: str) -> None:
    with pytest.raises(ValueError, match="no quarter"):
        quarter_in(said, NOW)


def test_it_begins_and_ends_at_midnight_in_shanghai() -> None:
    assert Quarter(2026, 1).begins == datetime(2026, 1, 1, tzinfo=SHANGHAI)
    assert Quarter(2025, 4).ends == Quarter(2026, 1).begins
    assert Quarter(2026, 1).before == Quarter(2025, 4)
    assert [quarter_at(date(2026, month, 1)).number for month in range(1, 13)] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]
    assert quarter_at(datetime.fromisoformat("2025-12-31T16:00+00:00")) == Quarter(2026, 1)
