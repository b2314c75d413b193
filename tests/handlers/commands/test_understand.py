"""`understand`: a line in, a line out, whatever the line."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bot.clock import FixedClock
from bot.config import Settings
from bot.services import Services
from bot.understanding import Context, Meaning
from handlers.commands import register_commands
from handlers.program import build_understanding
from tests.handlers.commands.conftest import runner_of


class Parrot:
    """Understands everything as a repair, and says what it was told."""

    def understand(self, text: str, role: str, context: Context) -> Meaning:
        also = (Meaning("bill_query", {}, 0.8123),) if "对了" in text else ()
        return Meaning("repair_report", {"text": text, "role": role, "awaiting": context.awaiting}, 0.91239, also)


Say = Callable[..., list[dict[str, Any]]]


def command_with(understanding: Any, settings: Settings, now: datetime) -> Say:
    app = Flask("linli")
    app.extensions["understanding"] = understanding
    app.extensions["services"] = Services(settings, FixedClock(now))
    register_commands(app)
    run = runner_of(app)

    def say(*lines: object) -> list[dict[str, Any]]:
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        result = run("understand", input=text)
        assert result.exit_code == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    return say


@pytest.fixture
def say(settings: Settings, now: datetime) -> Say:
    return command_with(Parrot(), settings, now)


@pytest.fixture
def ask(settings: Settings, now: datetime) -> Say:
    """The command with the real understanding behind it."""
    return command_with(build_understanding(), settings, now)


def test_the_answer_has_the_four_promised_parts(say: Say) -> None:
    [answer] = say({"text": "水管漏水，对了物业费多少", "role": "owner"})
    [further] = answer.pop("also")
    slots = answer.pop("slots")
    assert answer == {"intent": "repair_report", "confidence": 0.912}
    assert slots | {"text": "水管漏水，对了物业费多少", "role": "owner", "awaiting": "", "category": "水"} == slots
    assert further | {"intent": "bill_query", "confidence": 0.812, "also": []} == further


@pytest.mark.parametrize("context", ["awaiting_rating", {"awaiting": "awaiting_rating"}, {"state": "awaiting_rating"}])
def test_what_was_asked_last_may_be_said_along(say: Say, context: object) -> None:
    assert say({"text": "5", "role": "owner", "context": context})[0]["slots"]["awaiting"] == "awaiting_rating"


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "not JSON"),
        ("[" * 50_000, "not JSON"),
        ("[1]", "not a JSON object"),
        ({"role": "owner"}, "text is missing"),
        ({"text": 5, "role": "owner"}, "text is missing"),
        ({"text": "你好", "role": "king"}, "role must be one of owner, tenant, visitor, staff, manager"),
        ({"text": "你好", "role": ["owner"]}, "role must be one of"),
        ({"text": "你好", "role": "owner", "context": 7}, "context must be"),
        ({"text": "长" * 70_000, "role": "owner"}, "longer than"),
    ],
)
def test_a_bad_line_is_answered_as_such_and_the_next_as_usual(say: Say, line: object, wrong: str) -> None:
    bad, good = say(line, {"text": "灯坏了", "role": "owner"})
    assert wrong in bad["error"]
    assert good["intent"] == "repair_report"


@pytest.mark.parametrize(
    ("text", "house"),
    [
        ("３栋2单元501厨房水管漏水", "3-2-501"),
        ("三栋二单元五〇一马桶堵了", "3-2-501"),
        ("3栋202厨房漏水", "3-202"),
        ("A座1203没电了", "A-1203"),
        ("3栋2单元501、502都没水", ["3-2-501", "3-2-502"]),
    ],
)
def test_homes_are_told_as_clerks_write_them(ask: Say, text: str, house: object) -> None:
    [answer] = ask({"text": text, "role": "owner"})
    assert answer["slots"]["house"] == house


def test_an_appointment_is_told_in_its_words(ask: Say) -> None:
    [answer] = ask({"text": "马桶堵了，明天下午三点以后来", "role": "owner"})
    assert isinstance(answer["slots"]["appointment"], str)
    assert "明天下午" in answer["slots"]["appointment"]


def test_empty_lines_are_passed_over(say: Say) -> None:
    assert len(say("", {"text": "灯坏了", "role": "owner"}, "   ")) == 1


def test_no_input_is_no_output(say: Say) -> None:
    assert say() == []


def test_it_starts_quickly_and_opens_no_database(tmp_path: Path) -> None:
    code = "from flask.cli import main; main()"
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, "--app", "wsgi", "understand"],
        cwd=Path(__file__).parents[3],
        env={"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "SIMULATOR": "1"},
        input=json.dumps({"text": "厨房水管漏水了", "role": "owner"}).encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["intent"] == "repair_report"
    assert time.monotonic() - begun < 10  # the promise is 2 seconds; a busy machine is not a broken promise
