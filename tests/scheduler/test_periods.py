import time as system_time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta, timezone

import pytest

from models.db import SHANGHAI
from scheduler.periods import Task, due_periods

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def nothing(services: object, now: datetime) -> str:
    return ""


EACH_MINUTE = Task("each_minute", nothing, every=MINUTE)
NIGHTLY = Task("nightly", nothing, at=time(3, 30), catch_up=3)


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, tzinfo=SHANGHAI)


def keys(task: Task, now: datetime, newest: str | None) -> list[str]:
    return [period.key for period in due_periods(task, now, newest)]


class TestIntervals:
    def test_each_period_is_due_once(self) -> None:
        assert keys(EACH_MINUTE, at(10, 9, 30, 0), None) == ["2026-03-10T09:30:00"]
        assert keys(EACH_MINUTE, at(10, 9, 30, 59), "2026-03-10T09:30:00") == []
        assert keys(EACH_MINUTE, at(10, 9, 31, 0), "2026-03-10T09:30:00") == ["2026-03-10T09:31:00"]

    @pytest.mark.parametrize("slept", [timedelta(seconds=62), 10 * MINUTE, 26 * HOUR, 40 * DAY])
    def test_whatever_was_slept_through_is_one_run(self, slept: timedelta) -> None:
        assert len(due_periods(EACH_MINUTE, at(10, 9, 30) + slept, "2026-03-10T09:30:00")) == 1

    def test_it_is_run_with_the_time_it_is(self) -> None:
        [period] = due_periods(EACH_MINUTE, at(10, 9, 30, 17), None)
        assert period.now == at(10, 9, 30, 17)

    @pytest.mark.parametrize("back", [MINUTE, HOUR, DAY, 56 * 365 * DAY])
    def test_a_clock_set_back_runs_nothing_again(self, back: timedelta) -> None:
        assert due_periods(EACH_MINUTE, at(10, 9, 30) - back, "2026-03-10T09:30:00") == []

    @pytest.mark.parametrize("every", [timedelta(0), timedelta(milliseconds=1), 7 * HOUR, -MINUTE, 2 * DAY])
    def test_only_whole_parts_of_a_day_are_intervals(self, every: timedelta) -> None:
        with pytest.raises(ValueError, match="odd"):
            Task("odd", nothing, every=every)

    def test_a_task_says_every_or_at(self) -> None:
        for how in ({}, {"every": MINUTE, "at": time(3)}):
            with pytest.raises(ValueError, match="either every or at"):
                Task("odd", nothing, **how)


class TestDays:
    def test_it_is_due_from_its_time_on(self) -> None:
        assert keys(NIGHTLY, at(10, 3, 29, 59), "2026-03-09") == []
        assert keys(NIGHTLY, at(10, 3, 30), "2026-03-09") == ["2026-03-10"]
        assert keys(NIGHTLY, at(10, 23, 59), "2026-03-10") == []

    def test_each_missed_day_is_made_up_for_oldest_first(self) -> None:
        assert keys(NIGHTLY, at(12, 9), "2026-03-09") == ["2026-03-10", "2026-03-11", "2026-03-12"]

    def test_a_missed_day_is_run_as_of_that_day(self) -> None:
        assert [period.now for period in due_periods(NIGHTLY, at(11, 9), "2026-03-09")] == [
            at(10, 3, 30),
            at(11, 3, 30),
        ]

    def test_days_beyond_the_bound_stay_missed(self) -> None:
        assert keys(NIGHTLY, at(30, 9), "2026-03-09") == ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30"]

    def test_a_new_installation_has_missed_nothing(self) -> None:
        assert keys(NIGHTLY, at(10, 2), None) == []
        assert keys(NIGHTLY, at(10, 9), None) == ["2026-03-10"]

    def test_a_clock_set_back_runs_no_day_again(self) -> None:
        assert keys(NIGHTLY, at(8, 9), "2026-03-10") == []

    def test_the_end_of_a_month_is_a_day_like_others(self) -> None:
        assert keys(NIGHTLY, datetime(2024, 3, 1, 4, tzinfo=SHANGHAI), "2024-02-28") == ["2024-02-29", "2024-03-01"]


# The borders where a machine's own date differs from the date in Shanghai.
BORDERS = (
    "2026-03-09T15:59:59+00:00",
    "2026-03-09T16:00:00+00:00",
    "2026-03-09T19:29:59+00:00",
    "2026-03-09T19:30:00+00:00",
    "2026-03-10T00:00:00+00:00",
    "2026-03-08T07:30:00+00:00",  # the hour New York leaves out
    "2026-11-01T06:30:00+00:00",  # the hour New York has twice
    "2026-12-31T16:00:00+00:00",
)


@pytest.fixture
def machine_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """`machine_in("America/New_York")`: from here on the machine's own zone is that one."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        system_time.tzset()

    yield move
    monkeypatch.undo()
    system_time.tzset()


def test_periods_are_the_same_whatever_zone_the_machine_is_in(machine_in: Callable[[str], None]) -> None:
    half_hourly = Task("half_hourly", nothing, every=30 * MINUTE)
    answers = []
    for zone in ("UTC", "Asia/Shanghai", "America/New_York"):
        machine_in(zone)
        local = [datetime.fromisoformat(moment).astimezone() for moment in BORDERS]
        answers.append([(keys(half_hourly, now, None), keys(NIGHTLY, now, "2026-03-07")[-1:]) for now in local])
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][:4] == [
        (["2026-03-09T23:30:00"], ["2026-03-09"]),
        (["2026-03-10T00:00:00"], ["2026-03-09"]),
        (["2026-03-10T03:00:00"], ["2026-03-09"]),
        (["2026-03-10T03:30:00"], ["2026-03-10"]),
    ]


def test_the_key_does_not_depend_on_the_zone_the_time_is_told_in() -> None:
    moment = at(10, 0, 10)
    told = [moment, moment.astimezone(UTC), moment.astimezone(timezone(timedelta(hours=-5)))]
    assert [keys(EACH_MINUTE, now, None) for now in told] == [["2026-03-10T00:10:00"]] * 3
