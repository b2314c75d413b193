"""Does a turn take longer when there is more? The same turns at 1,200 and at 1,200,000 homes, one of each in turn."""

import sys
import time
from statistics import median

from flask.testing import FlaskClient

from benchmarks import books
from benchmarks.frames import ACCOUNT, READING, REPORTS, turns
from benchmarks.inside import client_of, settings_of, take_turn
from benchmarks.report import Goal, table
from benchmarks.services import Place
from bot.clock import SystemClock
from models.db import Database

SMALL, LARGE = 1_200, 1_200_000
WARM_UP, TURNS = 50, 300


def run(place: Place) -> str:
    goals = []
    for words, kind in (("PostgreSQL", "postgresql"), ("SQLite", "sqlite")):
        clients = {homes: _open(place, kind, homes) for homes in (SMALL, LARGE)}
        for what, texts in (("a report", REPORTS), ("我的报修", READING)):
            took: dict[int, list[float]] = {SMALL: [], LARGE: []}
            # In both the same few persons speak as often: how many are known is what differs.
            for person, said in turns(WARM_UP + TURNS, SMALL, texts):
                for homes, client in clients.items():
                    took[homes].append(_timed(client, person, said))
            small, large = (median(took[homes][WARM_UP:]) for homes in (SMALL, LARGE))
            named = f"{what} on {words}: {large:.1f} ms ÷ {small:.1f} ms"
            goals.append(Goal(named, large / small, "×", 1.5, 1.1, "less"))
    rows = [goal.line() for goal in goals]
    return table(f"A turn at {LARGE:,} homes against {SMALL:,}", ("what", "measured", "gate", "goal", ""), rows)


def _open(place: Place, kind: str, homes: int) -> FlaskClient:
    name = f"size_{homes}"
    url = place.fresh(name) if kind == "postgresql" else f"sqlite:///{place.folder / name}.db"
    database = Database(url)
    begun = time.monotonic()
    books.fill(database, homes, ACCOUNT, SystemClock().now())
    print(f"{homes:,} homes on {kind}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return client_of(database, settings_of(place), place.folder)


def _timed(client: FlaskClient, person: str, said: str) -> float:
    begun = time.perf_counter()
    take_turn(client, person, said)
    return (time.perf_counter() - begun) * 1000
