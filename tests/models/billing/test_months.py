"""Which month somebody means."""

from datetime import date

import pytest

from models.billing.months import month_meant

IN_MARCH = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("said", "month"),
    [
        ("2026-03", "2026-03"),
        ("2026年3月", "2026-03"),
        ("2026.3", "2026-03"),
        ("202603", "2026-03"),
        ("26-3", "2026-03"),
        ("03", "2026-03"),
        ("3月", "2026-03"),
        ("12", "2025-12"),
        ("this_month", "2026-03"),
        ("last_month", "2026-02"),
        ("13", None),
        ("2026-00", None),
        ("Q1", None),
        ("this_year", None),
        ("", None),
    ],
)
def test_a_month_in_any_spelling(said: str, month: str | None) -> None:
    assert month_meant(said, IN_MARCH) == month


def test_in_january_the_last_month_is_of_last_year() -> None:
    assert month_meant("last_month", date(2026, 1, 31)) == "2025-12"
