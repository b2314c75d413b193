"""`understand`: a line in, a line out, whatever the line."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bot.understanding import Context, Meaning
from tests.handlers.commands.conftest import Run


class Parrot:
    """Understands everything as a repair, and says what it was told."""

    def understand(self, text: str, role: str, context: Context) -> Meaning:
        also = (Meaning("bill_query", {}, 0.8123),) if "对了" in text else ()
        return Meaning("repair_report", {"text": text, "role": role, "awaiting": context.awaiting}, 0.91239, also)


@pytest.fixture
def say(command_app: Flask, run: Run) -> Any:
    command_app.extensions["understanding"] = Parrot()

    def say(*lines: object) -> list[dict[str, Any]]:
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        result = run("understand", input=text)
        assert result.exit_code == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    return say


def test_the_answer_has_the_four_promised_parts(say: Any) -> None:
    assert say({"text": "水管漏水，对了物业费多少", "role": "owner"}) == [
        {
            "intent": "repair_report",
            "slots": {"text": "水管漏水，对了物业费多少", "role": "owner", "awaiting": ""},
            "confidence": 0.912,
            "also": [{"intent": "bill_query", "slots": {}, "confidence": 0.812, "also": []}],
        }
    ]


@pytest.mark.parametrize("context", ["awaiting_rating", {"awaiting": "awaiting_rating"}, {"state": "awaiting_rating"}])
def test_what_was_asked_last_may_be_said_along(say: Any, context: object) -> None:
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
def test_a_bad_line_is_answered_as_such_and_the_next_as_usual(say: Any, line: object, wrong: str) -> None:
    bad, good = say(line, {"text": "灯坏了", "role": "owner"})
    assert wrong in bad["error"]
    assert good["intent"] == "repair_report"


def test_empty_lines_are_passed_over(say: Any) -> None:
    assert len(say("", {"text": "灯坏了", "role": "owner"}, "   ")) == 1


def test_no_input_is_no_output(say: Any) -> None:
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
