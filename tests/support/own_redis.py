"""A Redis of a test's own, the very server the product brings along, to be killed, frozen and started again."""

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.embedded_redis import redis_command, redis_socket


class OwnRedis:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{redis_socket(folder)}"
        self.client = redis.Redis(unix_socket_path=str(redis_socket(folder)), retry=Retry(NoBackoff(), 0))
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(redis_command(self._folder))
        until = time.monotonic() + 20
        while True:
            try:
                self.client.ping()
            except redis.RedisError:
                assert time.monotonic() < until, "Redis does not answer"
                time.sleep(0.01)
            else:
                return

    def stop(self) -> None:
        """As if its machine had lost power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It accepts connections (the kernel does) and says nothing any more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.client.close()
        self.stop()


@contextmanager
def own_redis() -> Iterator[OwnRedis]:
    # Not pytest's own folder: the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="linli-redis-") as name:
        server = OwnRedis(Path(name))
        try:
            yield server
        finally:
            server.close()
