"""`understand`: what would Linli make of these words? For measuring, and for asking why."""

import json
import sys
from datetime import datetime
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from bot.services import Services
from bot.understanding import Context, Understanding
from bot.understanding.meaning import ROLES
from handlers.told import told

LONGEST_LINE = 65_536  # characters; a message has 2,048 bytes at the most


@click.command("understand")
@with_appcontext
def understand() -> None:
    """Read one JSON object a line, {"text", "role", "context"?}, and answer each with {"intent", "slots", "confidence", "also"}.

    Roles: owner, tenant, visitor, staff, manager. A line that cannot be read is answered {"error": …}. Needs no database.
    """
    understanding: Understanding = current_app.extensions["understanding"]
    services: Services = current_app.extensions["services"]
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", "replace")
        if line.strip():
            answer = json.dumps(_answer(understanding, line, services.clock.now()), ensure_ascii=False, default=str)
            sys.stdout.buffer.write(answer.encode() + b"\n")
            sys.stdout.buffer.flush()


def _answer(understanding: Understanding, line: str, now: datetime) -> dict[str, Any]:
    try:
        text, role, awaiting = _question(line)
    except ValueError as wrong:
        return {"error": str(wrong)}
    return told(understanding.understand(text, role, Context(awaiting, now)), text, role, Context(awaiting, now))


def _question(line: str) -> tuple[str, str, str]:
    """Raises ValueError, saying what is wrong with the line."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"longer than {LONGEST_LINE} characters")
    try:
        question = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(question, dict):
        raise ValueError("not a JSON object")
    text, role, context = question.get("text"), question.get("role"), question.get("context")
    if not isinstance(text, str):
        raise ValueError("text is missing, or not a string")
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(ROLES)}")
    return text, role, _awaiting(context)


def _awaiting(context: object) -> str:
    """What was asked last (awaiting_rating, ask_house, …): the name alone, or {"awaiting": name}, or {"state": name}."""
    if isinstance(context, dict):
        context = context.get("awaiting", context.get("state"))
    if not isinstance(context, str | None):
        raise ValueError("context must be a string, or an object with awaiting")
    return context or ""
