"""F57: the database is restarted, cut off, silent, or in two minds. Nothing that was answered is lost, nothing is done twice,
WeChat is never told 200 for what is not kept, and everything works again within seconds without a restart of ours."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from models.db import Database
from models.messaging.tables import Inbox
from models.workorders.tables import WorkOrder
from tests.support.demo import MORNING
from tests.support.door import Door, open_door
from tests.support.judge import Lane, Verdict, judge
from tests.support.lanes import keep_turning, settle_people
from tests.support.postgres import OwnPostgreSQL, own_postgresql
from tests.support.processes import Children
from tests.support.proxy import Line, line_to

pytestmark = pytest.mark.long

RECOVERS_WITHIN = 5.0  # seconds after the database is there again
WECHATS_PATIENCE = 5.0  # seconds
TURNS = 300

_crowds, _people = iter(range(0, 320, 40)), iter(range(320, 400))


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgreSQL]:
    with own_postgresql() as server:
        database = Database(server.url)
        settle_people(database, 400, MORNING)
        database.close()
        yield server


@pytest.fixture
def line(server: OwnPostgreSQL) -> Iterator[Line]:
    with line_to(server.socket) as line:
        yield line


@pytest.fixture
def person() -> str:
    """Somebody who has said nothing yet."""
    return f"kill-{next(_people)}"


# --- under load -------------------------------------------------------------------------------------------------------


def _restart(server: OwnPostgreSQL, mode: str, away: float = 0.0) -> Callable[[Line], None]:
    def happen(line: Line) -> None:
        server.stop(mode)
        time.sleep(away)
        server.start()

    return happen


def _stall_and_reset(line: Line) -> None:
    line.mood = "stalling"
    time.sleep(2.0)
    line.mood = "fine"
    line.reset()


def _refuse(line: Line) -> None:
    line.mood = "refusing"
    line.reset()
    time.sleep(1.0)
    line.mood = "fine"


TROUBLES: dict[str, Callable[[OwnPostgreSQL], Callable[[Line], None]]] = {
    "restarted-fast": lambda server: _restart(server, "fast"),
    "restarted-immediately": lambda server: _restart(server, "immediate"),
    "away-for-three-seconds": lambda server: _restart(server, "fast", away=3.0),
    "every-connection-ended": lambda server: lambda line: server.cut_all(),
    "line-reset": lambda server: Line.reset,
    "line-half-open": lambda server: _stall_and_reset,
    "line-refused": lambda server: _refuse,
}


@pytest.mark.parametrize("name", TROUBLES, ids=lambda name: f"F57-{name}")
def test_f57_under_load_nothing_is_lost_or_doubled_and_work_goes_on_at_once(
    server: OwnPostgreSQL, line: Line, name: str
) -> None:
    first = next(_crowds)
    names = [f"kill-{number}" for number in range(first, first + 40)]
    lanes = [Lane(names[:20], TURNS // 2), Lane(names[20:], TURNS // 2)]
    with Children() as children:
        for lane in lanes:
            lane.begin(children, server.url_through(line.port), keep_turning)
        while any(len(lane.acked) < 20 for lane in lanes):
            for lane in lanes:
                lane.listen(0.2)
        TROUBLES[name](server)(line)
        back = time.monotonic()
        before = [len(lane.acked) for lane in lanes]
        for lane, had in zip(lanes, before, strict=True):
            while len(lane.acked) < min(had + 2, TURNS // 2):  # the first may have been answered before the trouble
                lane.listen(0.05)
                assert time.monotonic() - back < RECOVERS_WITHIN, "no turn since the database is back"
        for lane in lanes:
            lane.finish()
    database = Database(server.url)
    try:
        assert [len(lane.acked) for lane in lanes] == [TURNS // 2] * 2
        assert judge(database, lanes) == Verdict([], [], [], [])
    finally:
        database.close()


# --- one message at a time --------------------------------------------------------------------------------------------


@pytest.fixture
def door(server: OwnPostgreSQL, tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path, server.url) as door:
        yield door


def test_f57_dead_sockets_in_the_pool_are_noticed_before_they_are_used(
    server: OwnPostgreSQL, door: Door, person: str
) -> None:
    assert door.says(person, "我的报修").status == 200
    server.cut_all()
    assert door.says(person, "厨房水管漏水了").status == 200, "the very first message after it"


def test_f57_a_database_that_is_away_is_told_to_wechat_and_the_retry_is_taken(
    server: OwnPostgreSQL, door: Door, person: str
) -> None:
    push = door.message(person, "厨房水管漏水了")
    server.stop("fast")
    begun = time.monotonic()
    refused = door.deliver(push)
    assert (refused.status, time.monotonic() - begun < WECHATS_PATIENCE) == (503, True)
    server.start()
    assert door.deliver(push).status == 200
    assert _kept(door, person) == (1, 1)


def test_f57_a_deadlock_costs_one_delivery_and_no_more(server: OwnPostgreSQL, door: Door, person: str) -> None:
    """Somebody else holds the number this turn needs, and waits for the row this turn holds."""
    assert door.says(person, "我的报修").status == 200
    server.run("CREATE OR REPLACE FUNCTION wait_for_other() RETURNS trigger AS "
               "$$ BEGIN PERFORM pg_advisory_xact_lock(57); RETURN NEW; END $$ LANGUAGE plpgsql")  # fmt: skip
    server.run("CREATE TRIGGER deadlock BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION wait_for_other()")
    push, got = door.message(person, "厨房水管漏水了"), []
    try:
        with psycopg.connect(server.url) as other:
            other.execute("SET deadlock_timeout = '10s'")  # the turn is the one that is told
            other.execute("SELECT pg_advisory_xact_lock(57)")
            turn = threading.Thread(target=lambda: got.append(door.deliver(push).status))
            turn.start()
            _until_somebody_waits(server)
            other.execute("UPDATE conversations SET burst_count = 0 WHERE openid = %s", [person])
            other.rollback()
            turn.join(10)
    finally:
        server.run("DROP TRIGGER deadlock ON inbox")
    assert got == [503]
    assert door.deliver(push).status == 200
    assert _kept(door, person) == (1, 2)


@pytest.mark.parametrize("state", ["40001", "40P01", "53100", "57P03", "25006"])
def test_f57_what_the_server_cannot_do_now_is_done_with_the_retry(
    server: OwnPostgreSQL, door: Door, person: str, state: str
) -> None:
    """Serialization failure, deadlock, disk full, starting up, read-only after a failover: twice, then it works."""
    server.run("CREATE SEQUENCE IF NOT EXISTS attempts")
    server.run("ALTER SEQUENCE attempts RESTART")
    server.run(
        "CREATE OR REPLACE FUNCTION fail_twice() RETURNS trigger AS $$ BEGIN IF nextval('attempts') <= 2 THEN "
        f"RAISE EXCEPTION 'not now' USING ERRCODE = '{state}'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql"
    )
    server.run("CREATE TRIGGER failing BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION fail_twice()")
    push = door.message(person, "厨房水管漏水了")
    try:
        assert [door.deliver(push).status for _ in range(3)] == [503, 503, 200]
    finally:
        server.run("DROP TRIGGER failing ON inbox")
    assert _kept(door, person) == (1, 1)


def test_f57_a_row_that_somebody_holds_for_long_is_given_up_before_wechat_does(
    server: OwnPostgreSQL, door: Door, person: str
) -> None:
    assert door.says(person, "我的报修").status == 200
    push = door.message(person, "厨房水管漏水了")
    with psycopg.connect(server.url) as other:
        other.execute("SELECT 1 FROM conversations WHERE openid = %s FOR UPDATE", [person])
        begun = time.monotonic()
        assert door.deliver(push).status == 503
        assert time.monotonic() - begun < WECHATS_PATIENCE
    assert door.deliver(push).status == 200
    assert _kept(door, person) == (1, 2)


def _kept(door: Door, person: str) -> tuple[int, int]:
    """(orders, messages) of this person."""
    with door.services.database.reading() as session:
        orders, messages = (
            session.scalar(sa.select(sa.func.count()).select_from(table).where(table.openid == person)) or 0
            for table in (WorkOrder, Inbox)
        )
    return orders, messages


def _until_somebody_waits(server: OwnPostgreSQL) -> None:
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    end = time.monotonic() + 5
    with psycopg.connect(server.url, autocommit=True) as connection:
        while connection.execute(waits).fetchone() == (0,):
            assert time.monotonic() < end, "the turn did not get there"
            time.sleep(0.01)
