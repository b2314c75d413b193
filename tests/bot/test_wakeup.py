import threading
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.config import load_settings
from bot.services import build_services
from bot.wakeup import Wakeup


def gone(tmp_path: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(tmp_path / "nobody.sock"), retry=Retry(NoBackoff(), 0))


def test_a_ring_is_heard_by_another_process(redis_server: Any) -> None:
    here, there = Wakeup(redis_server), Wakeup(redis_server)
    heard: list[bool] = []
    listener = threading.Thread(target=lambda: heard.append(there.wait(5)))
    listener.start()
    here.ring()
    listener.join()
    assert heard == [True]


def test_a_ring_before_the_wait_is_not_lost(redis_server: Any) -> None:
    Wakeup(redis_server).ring()
    assert Wakeup(redis_server).wait(1)


def test_ten_rings_wake_once(redis_server: Any) -> None:
    wakeup = Wakeup(redis_server)
    for _ in range(10):
        wakeup.ring()
    assert [wakeup.wait(0.01), wakeup.wait(0.01)] == [True, False]


def test_without_redis_a_ring_is_heard_within_the_process() -> None:
    wakeup = Wakeup()
    wakeup.ring()
    assert [wakeup.wait(1), wakeup.wait(0)] == [True, False]


def test_a_redis_that_is_away_fails_nobody(tmp_path: Path) -> None:
    wakeup = Wakeup(gone(tmp_path))
    wakeup.ring()
    assert [wakeup.wait(1), wakeup.wait(0)] == [True, False]


def test_nobody_listens_longer_than_the_connection_has_patience(tmp_path: Path) -> None:
    """A connection that gives up on a listener leaves it deaf for as long again."""
    asked: list[float] = []

    class Line:
        def blpop(self, keys: list[str], timeout: float) -> None:
            asked.append(timeout)

    services = build_services(
        load_settings({"DATA_DIR": str(tmp_path), "SIMULATOR": "1", "REDIS_URL": "redis://127.0.0.1:1"})
    )
    assert services.redis is not None
    patience = services.redis.connection_pool.connection_kwargs["socket_timeout"]
    Wakeup(Line()).wait(60)
    assert asked[0] < patience
