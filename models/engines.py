"""How the program is connected to SQLite or PostgreSQL: what holds for every connection, and how long anything waits."""

import sqlite3
import threading
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

# How long a statement waits for somebody else's lock. WeChat gives up after five seconds, so a turn must not wait that long.
LOCK_WAIT_MS = 4_000
_WAL_PAUSE_MS = 20

# How soon a line to PostgreSQL that leads nowhere any more is given up, instead of after the many minutes TCP itself takes.
_LINE = {
    "connect_timeout": 3,  # seconds
    "keepalives_idle": 5,  # seconds without a word before the first probe
    "keepalives_interval": 2,  # seconds
    "keepalives_count": 3,  # probes
    "tcp_user_timeout": 10_000,  # ms that something sent may stay unacknowledged
}

# Seconds without work after which a connection to a server is asked whether it is still there.
ASK_AFTER_IDLE = 5.0


def engine_of(url: str) -> sa.Engine:
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if url.startswith("sqlite"):
        engine = sa.create_engine(url, connect_args={"timeout": LOCK_WAIT_MS / 1000, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = sa.create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        connect_args={"options": f"-c lock_timeout={LOCK_WAIT_MS} -c timezone=UTC", **_LINE},
    )
    event.listen(engine, "connect", _one_width_of_numbers)
    event.listen(engine, "checkin", lambda connection, record: record.info.update(idle_since=time.monotonic()))
    event.listen(engine, "checkout", lambda connection, record, _: _ask_if_alive(engine, connection, record.info))
    return engine


def _one_width_of_numbers(connection: Any, record: object) -> None:
    """psycopg would send each whole number as narrow as it is, and PostgreSQL would prepare a statement anew for every mixture of
    widths, so that what has many numbers is hardly ever found prepared."""
    from psycopg.types.numeric import Int8Dumper  # noqa: PLC0415 (8 MB that SQLite needs not)

    connection.adapters.register_dumper(int, Int8Dumper)


def _ask_if_alive(engine: sa.Engine, connection: Any, known: dict[Any, Any]) -> None:
    """A connection that nobody used for a while may have been cut meanwhile. To ask at every turn would be a round trip more;
    of one that was cut a moment ago its user hears."""
    if time.monotonic() - known.get("idle_since", time.monotonic()) < ASK_AFTER_IDLE:
        return
    try:
        engine.dialect.do_ping(connection)
    except Exception as cut:
        raise sa.exc.DisconnectionError from cut


def _prepare_sqlite(connection: Any, record: object) -> None:
    # The driver's own idea of transactions would begin them too late; `_begin_sqlite` begins them ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={LOCK_WAIT_MS}")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Of several programs that open a new file at once, all but one hear at once that it is locked, whatever the timeout
    says: SQLite does not wait for the lock under which the way of journalling is changed. So we wait."""
    tries = LOCK_WAIT_MS // _WAL_PAUSE_MS
    for attempt in range(1, tries + 1):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if attempt == tries:
                raise
            time.sleep(_WAL_PAUSE_MS / 1000)
        else:
            return


def _begin_sqlite(connection: sa.Connection) -> None:
    patience = connection.get_execution_options().get("patience_ms")
    if patience is not None:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience)}")
    # A deferred transaction that reads first and writes later fails at once with "database is locked", whatever the
    # timeout says; taking the write lock at the start is what makes waiting possible and lost updates impossible.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
    if patience is not None:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={LOCK_WAIT_MS}")


class Turnstile:
    """SQLite has one writer at a time, and who waits for it asks again and again with growing pauses. Threads of one process
    queue here instead, so that the next one goes the moment the last one is through."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = threading.local()

    def __enter__(self) -> None:
        # Whoever waits longer than for any lock goes on all the same, and hears from SQLite that it is busy.
        self._held.it = self._lock.acquire(timeout=LOCK_WAIT_MS / 1000)

    def __exit__(self, *_: object) -> None:
        if self._held.it:
            self._lock.release()
