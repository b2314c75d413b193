"""Who is measured: Linli's own turns, and beside them what people would otherwise write, each under two servers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from werobot.session.sqlitestorage import SQLiteStorage

from benchmarks import books
from benchmarks.frames import ACCOUNT, READING, REPORTS
from benchmarks.services import Place, granian, gunicorn, linli
from bot.clock import SystemClock
from models.db import Database

HOMES = 20_000
FEW, MANY = 2_000, HOMES  # persons who speak


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Contestant:
    """One program under one server. `before` each round brings its data to the same beginning."""

    subject: str
    server: str
    command: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = READING
    people: int = FEW
    sealed: bool = False
    expected: bytes = b"<xml>"
    before: Callable[[], None] = _nothing

    @property
    def name(self) -> str:
        return f"{self.subject} · {self.server}"


REPORT_PG, READ_PG = "Linli: a report, PostgreSQL + Redis", "Linli: 我的报修, PostgreSQL + Redis"
REPORT_EMBEDDED, READ_EMBEDDED = "Linli: a report, embedded", "Linli: 我的报修, embedded"
ROBOT_REDIS, ROBOT_SQLITE = "WeRoBot echo, Redis session", "WeRoBot echo, SQLite session"
ECHO, SEALED_ECHO = "Flask + wechatpy echo", "Flask + wechatpy echo, safe mode"
PLAIN_TURN = "Flask + wechatpy + SQLAlchemy turn, PostgreSQL + Redis"


def ours(place: Place) -> list[Contestant]:
    """The same turns on both set-ups, in safe mode, on 20,000 homes."""
    now = SystemClock().now()
    found = []
    embedded = place.folder / "embedded"
    embedded.mkdir()
    set_ups: tuple[tuple[str, str, str, dict[str, str]], ...] = (
        (REPORT_PG, READ_PG, place.fresh("linli"), {"WEB_PROCESSES": "2", "REDIS_URL": f"unix://{place.redis}"}),
        (REPORT_EMBEDDED, READ_EMBEDDED, f"sqlite:///{embedded / 'linli.db'}", {}),
    )
    for report, reading, url, settings in set_ups:
        database = Database(url)
        books.fill(database, HOMES, ACCOUNT, now)
        database.close()
        known = {**settings, "DATA_DIR": str(embedded), "DATABASE_URL": url, "SECRET_KEY": "only for measuring"}
        reset = _closing(url)
        for subject, texts in ((report, REPORTS), (reading, READING)):
            found.append(
                Contestant(subject, "as it is served", linli("web"), known, texts, MANY, sealed=True, before=reset)
            )
    return found


def peers(place: Place) -> list[Contestant]:
    settings = {"PEER_REDIS": str(place.redis), "PEER_DATABASE": _people_of_peers(place)}
    sessions = place.folder / "sessions.sqlite3"
    in_file = {**settings, "PEER_SESSION_FILE": str(sessions)}
    programs: tuple[tuple[str, str, dict[str, str], bool, Callable[[], None]], ...] = (
        (ROBOT_REDIS, "robot:app", settings, False, _nothing),
        (ROBOT_SQLITE, "robot:app", in_file, False, lambda: _begin_sessions(sessions)),
        (ECHO, "echo:plain", settings, False, _nothing),
        (SEALED_ECHO, "echo:sealed", settings, True, _nothing),
        (PLAIN_TURN, "plain_turn:app", settings, False, _nothing),
    )
    return [
        Contestant(subject, server, command(f"benchmarks.peers.{app}", 2, 8), known, sealed=sealed, before=before)
        for subject, app, known, sealed, before in programs
        for server, command in (("granian 2 × 8", granian), ("gunicorn gthread 2 × 8", gunicorn))
    ]


def _closing(url: str) -> Callable[[], None]:
    def close() -> None:
        database = Database(url)
        books.close_all_orders(database, SystemClock().now())
        database.close()

    return close


def _begin_sessions(file: Path) -> None:
    """A new session file with its table in it: two processes that make it at once get in each other's way."""
    file.unlink(missing_ok=True)
    SQLiteStorage(str(file)).db.close()


def _people_of_peers(place: Place) -> str:
    """The two tables of peers/plain_turn.py, with 100,000 followers."""
    address = place.fresh("peer")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE peer_followers (id bigserial PRIMARY KEY, openid varchar(64) UNIQUE, name varchar(64))"
        )
        connection.execute(
            "CREATE TABLE peer_said (id bigserial PRIMARY KEY, message_id bigint, follower_id bigint, content text,"
            " at timestamp DEFAULT now())"
        )
        connection.execute("CREATE INDEX ON peer_said (follower_id)")
        connection.execute(
            "INSERT INTO peer_followers (openid, name) "
            "SELECT 'oBench' || lpad(n::text, 22, '0'), '业主' || n FROM generate_series(0, 99999) AS n"
        )
        connection.execute("VACUUM ANALYZE")
    return address.replace("postgresql://", "postgresql+psycopg://")
