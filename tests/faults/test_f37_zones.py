"""F37: whatever zone the machine is set to, the rules are Shanghai's: periods, working time, deadlines, the quiet night."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from models.calendar import SHANGHAI, Calendar, add, at_work, between, next_opening
from models.messaging.quiet_hours import quiet_until
from models.people.duty_hours import shift_of
from models.workorders.sla import DEFAULTS, Facts, Rules, read_clocks
from scheduler.periods import Task, due_periods
from scheduler.timetable import TIMETABLE

ZONES = ("UTC", "Asia/Shanghai", "America/New_York")
OFFICE = Calendar((((480, 720), (780, 1080)),) * 7)

# Borders in Shanghai: half past eleven, midnight, eight in the morning, and a second beside each; the ends of a month and a
# year, the day New York changes its clocks, and the hours that fall on another date there or in UTC.
BORDERS = (
    (2026, 3, 10, 23, 30, 0),
    (2026, 3, 11, 0, 0, 0),
    (2026, 3, 10, 23, 59, 59),
    (2026, 3, 11, 7, 59, 59),
    (2026, 3, 11, 8, 0, 0),
    (2026, 3, 10, 20, 59, 59),
    (2026, 3, 10, 21, 0, 0),
    (2026, 3, 8, 15, 0, 0),
    (2026, 11, 1, 14, 0, 0),
    (2026, 2, 28, 23, 30, 0),
    (2026, 12, 31, 23, 30, 0),
    (2027, 1, 1, 0, 0, 0),
)


@pytest.fixture(params=ZONES)
def machine_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    if before is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", before)
    time.tzset()


def everything_at(now: datetime) -> tuple[object, ...]:
    """All that time decides, as it is at one moment. Keys and moments are compared as they are written."""
    deadlines = [clock.deadline.isoformat() for clock in read_clocks(Facts("P2", now), Rules(OFFICE, DEFAULTS), now)]
    quiet = quiet_until(now, 21 * 60, 8 * 60)
    return (
        [period.key for task in TIMETABLE for period in due_periods(task, now, None)],
        add(OFFICE, now, 5 * 3600).isoformat(),
        between(OFFICE, now, now + timedelta(days=3)),
        next_opening(OFFICE, now).isoformat(),
        at_work(OFFICE, now),
        deadlines,
        quiet.isoformat() if quiet else None,
        [moment.isoformat() for moment in shift_of(OFFICE, now.astimezone(SHANGHAI).date())],
    )


EXPECTED = {border: everything_at(datetime(*border, tzinfo=SHANGHAI)) for border in BORDERS}


@pytest.mark.parametrize("border", BORDERS, ids=lambda border: "{}-{:02}-{:02}T{:02}{:02}{:02}".format(*border))
def test_F37_a_border_is_the_same_everywhere(machine_zone: str, border: tuple[int, ...]) -> None:
    moment = datetime(*border, tzinfo=SHANGHAI)  # type: ignore[misc, arg-type]
    assert everything_at(moment) == EXPECTED[border]
    assert everything_at(moment.astimezone(UTC)) == EXPECTED[border]
    assert everything_at(datetime.fromtimestamp(moment.timestamp(), UTC)) == EXPECTED[border]


def test_F37_by_hand(machine_zone: str) -> None:
    """The figures themselves, so that all zones cannot be wrong together."""
    night = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)  # half past eleven in Shanghai, New Year's Eve
    assert add(OFFICE, night, 3600) == datetime(2027, 1, 1, 9, tzinfo=SHANGHAI)
    assert quiet_until(night, 21 * 60, 8 * 60) == datetime(2027, 1, 1, 8, tzinfo=SHANGHAI)
    daily = Task("daily", lambda services, now: "", every=timedelta(hours=1))
    assert [period.key for period in due_periods(daily, night, None)] == ["2026-12-31T23:00:00"]
