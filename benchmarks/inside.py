"""What one turn costs inside the process: statements, round trips to Redis."""

from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import redis
import sqlalchemy as sa
from flask.testing import FlaskClient

from benchmarks import books
from benchmarks.frames import ACCOUNT, READING, REPORTS, post, turns
from benchmarks.report import Goal
from benchmarks.services import Place
from bot.clock import SystemClock
from bot.config import PRETEND, Settings, load_settings
from bot.services import Services
from models.db import Database
from wsgi import create_app

HOMES = 1_200
TURNS = 20


def run(place: Place) -> list[Goal]:
    goals = []
    for words, url in (("PostgreSQL", place.fresh("inside")), ("SQLite", f"sqlite:///{place.folder / 'inside.db'}")):
        database = Database(url)
        books.fill(database, HOMES, ACCOUNT, SystemClock().now())
        client = client_of(database, settings_of(place), place.folder)
        for what, texts in (("a report", REPORTS), ("我的报修", READING)):
            statements, trips = _counts(client, database, texts)
            goals.append(Goal(f"statements of {what}, {words}", statements, "", 14, 9, "less"))
            goals.append(Goal(f"round trips to Redis of {what}, {words}", trips, "", 2, 1, "less"))
        database.close()
    return goals


def settings_of(place: Place) -> Settings:
    return load_settings(
        {**PRETEND, "DATA_DIR": str(place.folder), "REDIS_URL": f"unix://{place.redis}", "LOG_LEVEL": "ERROR"}
    )


def client_of(database: Database, settings: Settings, folder: Path) -> FlaskClient:
    """The whole program on this database, asked in this very process."""
    services = Services(settings, SystemClock())
    services.__dict__["database"] = database
    database.after_commit = services._after_commit
    return create_app(services=services).test_client()


def take_turn(client: FlaskClient, person: str, said: str) -> None:
    address, body = post(person, said, sealed=True)
    answer = client.post(address, data=body, content_type="text/xml")
    if answer.status_code != 200 or b"<Encrypt>" not in answer.data:
        raise SystemExit(f"a turn was not answered: {answer.status}")


def _counts(client: FlaskClient, database: Database, texts: tuple[str, ...]) -> tuple[float, float]:
    """The usual number of statements and of round trips to Redis; a person's very first message needs two more."""
    statements: list[int] = []
    trips: list[int] = []
    counted = {"statements": 0, "trips": 0}

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        counted["statements"] += not statement.startswith("BEGIN")  # elsewhere the driver sends it

    send: Any = redis.connection.AbstractConnection.send_packed_command

    def send_and_note(*arguments: object, **more: object) -> object:
        counted["trips"] += 1
        return send(*arguments, **more)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    with patch.object(redis.connection.AbstractConnection, "send_packed_command", send_and_note):
        for person, said in turns(TURNS, HOMES, texts):
            counted.update(statements=0, trips=0)
            take_turn(client, person, said)
            statements.append(counted["statements"])
            trips.append(counted["trips"])
    sa.event.remove(database.engine, "before_cursor_execute", note)
    return median(statements), median(trips)
