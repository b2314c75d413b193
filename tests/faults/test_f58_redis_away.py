"""F58: Redis stops, comes back empty, forgets, is full, or says nothing. Everything goes on, slower at most; nothing is sent twice."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.sender import Sender, SenderLoop
from bot.services import Services
from bot.wakeup import Wakeup
from models.db import Database
from models.messaging.queue import UNFINISHED
from models.messaging.tables import Outbox
from models.workorders.tables import WorkOrder
from tests.support.demo import MORNING
from tests.support.door import Door, open_door
from tests.support.lanes import settle_people
from tests.support.own_redis import OwnRedis, own_redis
from tests.support.senders import CountingWeChat, counting_wechat

WECHATS_PATIENCE = 5.0  # seconds
PEOPLE = 12


def _evict(server: OwnRedis) -> None:
    """Full, and so set up that it must throw away what it has."""
    server.client.config_set("maxmemory-policy", "allkeys-random")
    server.client.config_set("maxmemory", "1mb")


def _fill(server: OwnRedis) -> None:
    """Full, and so set up that nothing more can be written."""
    server.client.config_set("maxmemory-policy", "noeviction")
    server.client.config_set("maxmemory", "1")


def _restart(server: OwnRedis) -> None:
    server.stop()
    server.start()


TROUBLES: dict[str, Callable[[OwnRedis], None]] = {
    "stopped": OwnRedis.stop,
    "restarted-empty": _restart,
    "flushed": lambda server: server.client.flushall(),
    "evicting": _evict,
    "full": _fill,
    "silent": OwnRedis.freeze,
}


@pytest.fixture
def redis_of_its_own() -> Iterator[OwnRedis]:
    with own_redis() as server:
        yield server


@pytest.fixture
def wechat() -> Iterator[CountingWeChat]:
    with counting_wechat() as wechat:
        yield wechat


@pytest.fixture
def door(demo_database: Database, tmp_path: Path, redis_of_its_own: OwnRedis, wechat: CountingWeChat) -> Iterator[Door]:
    settle_people(demo_database, PEOPLE, MORNING)
    url = demo_database.engine.url.render_as_string(hide_password=False)
    with open_door(tmp_path, url, wechat.address, redis_url=redis_of_its_own.url) as door:
        yield door


def sender_of(services: Services) -> SenderLoop:
    sender = Sender(
        services.database, services.wechat, services.renderer, services.clock.now, worker="test", in_flight=4
    )
    return SenderLoop(sender, services.wakeup)


@pytest.mark.long
@pytest.mark.parametrize("name", TROUBLES, ids=lambda name: f"F58-{name}")
def test_f58_without_redis_it_is_slower_and_never_wrong(
    door: Door, wechat: CountingWeChat, redis_of_its_own: OwnRedis, name: str
) -> None:
    sending = sender_of(door.services)
    sending.start()
    slowest, pushes = 0.0, [door.message(f"kill-{number}", "厨房水管漏水了") for number in range(PEOPLE)]
    try:
        for number, push in enumerate(pushes):
            if number == 3:
                TROUBLES[name](redis_of_its_own)
            begun = time.monotonic()
            assert door.deliver(push).status == 200
            assert door.deliver(push).status == 200, "a retry finds its answer without Redis"
            slowest = max(slowest, time.monotonic() - begun)
        until(lambda: _unsent(door) == 0, 30)
        if name == "silent":
            redis_of_its_own.thaw()
    finally:
        sending.stop()
    assert slowest < WECHATS_PATIENCE
    assert _orders(door) == PEOPLE
    with door.services.database.reading() as session:
        promised = session.scalars(sa.select(Outbox.state)).all()
    assert set(promised) == {"sent"}
    assert wechat.heard.total() == len(promised), "nothing was sent twice"


@pytest.mark.long
def test_f58_ten_minutes_away_and_back_again(door: Door, wechat: CountingWeChat, redis_of_its_own: OwnRedis) -> None:
    """The token's time runs on meanwhile, and the rings work again when Redis is back."""
    sending = sender_of(door.services)
    sending.start()
    clock = door.services.clock
    try:
        for number in range(PEOPLE):
            if number == 2:
                redis_of_its_own.stop()
            if number == PEOPLE - 2:
                redis_of_its_own.start()
            clock.move(timedelta(minutes=1))  # type: ignore[attr-defined]
            assert door.says(f"kill-{number}", "厨房水管漏水了").status == 200
        until(lambda: _unsent(door) == 0, 30)
    finally:
        sending.stop()
    assert _orders(door) == PEOPLE
    assert set(wechat.heard.values()) == {1}


def test_who_is_served_waits_for_a_silent_redis_once(redis_of_its_own: OwnRedis) -> None:
    """And not with every message: for five seconds nobody rings any more."""
    client = redis.Redis.from_url(redis_of_its_own.url, socket_timeout=0.2, retry=Retry(NoBackoff(), 0))
    wakeup = Wakeup(client)
    redis_of_its_own.freeze()
    begun = time.monotonic()
    for _ in range(20):
        wakeup.ring()
    took = time.monotonic() - begun
    redis_of_its_own.thaw()
    client.close()
    assert took < 1.0


def until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "not in time"
        threading.Event().wait(0.02)


def _unsent(door: Door) -> int:
    with door.services.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).where(Outbox.state.in_(UNFINISHED))) or 0


def _orders(door: Door) -> int:
    with door.services.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).where(WorkOrder.openid.like("kill-%"))) or 0
