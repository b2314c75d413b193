"""A real Redis for tests: the very server the product brings along, ended with the tests that used it."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.embedded_redis import redis_command, redis_socket


@pytest.fixture(scope="session")
def running_redis() -> Iterator[redis.Redis]:
    with tempfile.TemporaryDirectory(prefix="linli-redis-") as name:
        folder = Path(name)
        server = subprocess.Popen(redis_command(folder))
        client = redis.Redis(unix_socket_path=str(redis_socket(folder)), retry=Retry(NoBackoff(), 0))
        try:
            _wait_for(client, server)
            yield client
        finally:
            client.close()
            server.kill()
            server.wait()


@pytest.fixture
def redis_server(running_redis: redis.Redis) -> redis.Redis:
    """A real Redis with nothing in it."""
    running_redis.flushall()
    return running_redis


def _wait_for(client: redis.Redis, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            client.ping()
        except redis.RedisError:
            assert server.poll() is None, "Redis did not start"
            assert time.monotonic() < until, "Redis does not answer"
            time.sleep(0.01)
        else:
            return
