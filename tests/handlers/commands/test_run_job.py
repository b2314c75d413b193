from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from handlers.commands.run_job import run_job_command
from models.db import SHANGHAI

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)


class Desk:
    """A timetable of two jobs that note when they were told to be."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, datetime]] = []

    def run(self, name: str, moment: datetime) -> str:
        self.runs.append((name, moment))
        return "failed: ZeroDivisionError" if name == "broken" else "3 closed"

    def type(self, *words: str) -> Result:
        return CliRunner().invoke(run_job_command(("close_unrated", "broken"), self.run, lambda: NOW), words)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_job_runs_now_and_says_what_came_of_it(desk: Desk) -> None:
    result = desk.type("close_unrated")
    assert (result.exit_code, result.output) == (0, "close_unrated: 3 closed\n")
    assert desk.runs == [("close_unrated", NOW)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-03-13T09:30", NOW + timedelta(days=3)),
        ("2026-03-13T09:30:00+08:00", NOW + timedelta(days=3)),
        ("2026-03-13T01:30:00Z", NOW + timedelta(days=3)),
        ("2026-03-13", datetime(2026, 3, 13, tzinfo=SHANGHAI)),
    ],
)
def test_a_time_without_a_zone_is_shanghais(desk: Desk, typed: str, meant: datetime) -> None:
    assert desk.type("close_unrated", "--at", typed).exit_code == 0
    [(_, moment)] = desk.runs
    assert moment == meant
    assert moment.utcoffset() == timedelta(hours=8)
    assert moment.astimezone(UTC) == meant.astimezone(UTC)


@pytest.mark.parametrize(
    "words", [(), ("unheard_of",), ("close_unrated", "--at", "soon"), ("close_unrated", "--at", "2026-02-30")]
)
def test_nonsense_runs_nothing(desk: Desk, words: tuple[str, ...]) -> None:
    result = desk.type(*words)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert desk.runs == []


def test_a_failed_job_exits_1_in_one_line(desk: Desk) -> None:
    result = desk.type("broken")
    assert (result.exit_code, result.stderr) == (1, "Error: broken failed: ZeroDivisionError\n")
