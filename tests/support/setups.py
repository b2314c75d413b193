"""The program as it is run in production, several processes on one database, and WeChat's side of the wire."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

import requests

from bot import launch
from bot.clock import SharedClock
from bot.simulator import SimulatorSettings, pushes
from bot.simulator.replies import read_reply
from handlers.commands.cast import simulator_settings
from tests.support.senders import CountingWeChat, morning_clock, settings_of

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN, PATIENCE = 60.0, 5.0  # seconds; the second is WeChat's own


@dataclass(frozen=True)
class Answer:
    """What one delivery got: the HTTP status (0: no answer within five seconds), the words, how long it took."""

    status: int
    words: str
    seconds: float


@dataclass
class SetUp:
    """Some web processes, each at a port of its own, and some schedulers."""

    folder: Path
    database_url: str
    redis_url: str
    wechat: CountingWeChat
    clock: SharedClock
    ports: list[int] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _sessions: threading.local = field(default_factory=threading.local)

    def environment(self, port: int) -> dict[str, str]:
        return {
            **os.environ,
            "SIMULATOR": "1",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "WECHAT_API_BASE": self.wechat.address,
            "PORT": str(port),
            "PUBLIC_URL": "http://127.0.0.1:8000",  # one for all of them: whoever answers, the links are the same
            "SECRET_KEY": "a secret of the tests",
            "WINDOW_MESSAGES": "500",  # which way a message goes must not hang on who was three seconds faster
            "LOG_LEVEL": "ERROR",
        }

    def begin(self, command: Sequence[str], port: int = 8000) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment(port), stdout=subprocess.DEVNULL, start_new_session=True
        )
        self.processes.append(process)
        return process

    def begin_web(self, app: str = "wsgi:create_app") -> subprocess.Popen[bytes]:
        port = free_port()
        self.ports.append(port)
        return self.begin(launch._granian(app, "127.0.0.1", port, workers=1, threads=8), port)

    def begin_scheduler(self) -> subprocess.Popen[bytes]:
        return self.begin([sys.executable, "-m", "scheduler"])

    def wait_until_ready(self) -> None:
        until = time.monotonic() + STARTS_WITHIN
        for port in self.ports:
            while not self.answers(port):
                assert all(process.poll() is None for process in self.processes), "a process ended by itself"
                assert time.monotonic() < until, "the set-up did not start in time"
                time.sleep(0.05)

    def answers(self, port: int, path: str = "/healthz") -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as response:
                return bool(response.status == 200)
        except (OSError, HTTPException):
            return False

    def end(self, within: float = 15.0) -> list[float]:
        """SIGTERM to all at once; how long each took. Whoever is there after `within` seconds is killed."""
        begun = time.monotonic()
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        took = []
        for process in self.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, begun + within - time.monotonic()))
            took.append(time.monotonic() - begun)
            self._sweep(process)
        self.processes.clear()
        return took

    def _sweep(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    # What people do.

    def says(self, openid: str, words: str, web: int = 0) -> Answer:
        return self.deliver(self.message(openid, words), web)

    def message(self, openid: str, words: str, at: datetime | None = None) -> pushes.Push:
        return pushes.message(openid, at or self.clock.now(), "text", ("Content", words))

    def deliver(self, push: pushes.Push, web: int = 0) -> Answer:
        """One attempt, as WeChat makes it."""
        query, body = pushes.envelope(push, self._pretend, self.clock.now())
        begun = time.monotonic()
        try:
            response = self._session().post(
                f"http://127.0.0.1:{self.ports[web]}/wechat",
                params=query,
                data=body,
                headers={"Content-Type": "text/xml"},
                timeout=PATIENCE,
            )
        except requests.RequestException:
            return Answer(0, "", time.monotonic() - begun)
        seconds = time.monotonic() - begun
        if response.status_code != 200:
            return Answer(response.status_code, "", seconds)
        reply = read_reply(response.content, push.openid, self._pretend)
        return Answer(200, reply.text if reply else "", seconds)

    def deliver_to_all(self, push: pushes.Push, times: int = 3) -> list[Answer]:
        """The same message so many times at once, to one process after the other."""
        with ThreadPoolExecutor(times) as threads:
            return list(threads.map(lambda number: self.deliver(push, number % len(self.ports)), range(times)))

    def deliver_until_taken(self, push: pushes.Push, web: int = 0, attempts: int = 3) -> Answer:
        """As WeChat does: what was not answered with 200 is delivered again, to whichever process is next."""
        answer = Answer(0, "", 0.0)
        for attempt in range(attempts):
            answer = self.deliver(push, (web + attempt) % len(self.ports))
            if answer.status == 200:
                break
        return answer

    @cached_property
    def _pretend(self) -> SimulatorSettings:
        settings = settings_of(str(self.folder), self.database_url, self.wechat.address, self.redis_url)
        return simulator_settings(settings)

    def _session(self) -> requests.Session:
        if not hasattr(self._sessions, "session"):
            self._sessions.session = requests.Session()
        session: requests.Session = self._sessions.session
        return session


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def set_up(
    folder: Path,
    database_url: str,
    wechat: CountingWeChat,
    *,
    redis_url: str = "",
    webs: int = 1,
    schedulers: int = 1,
    app: str = "wsgi:create_app",
) -> Iterator[SetUp]:
    """Everything is started and answers; whatever happens in the block, nothing of it is left behind."""
    running = SetUp(folder, database_url, redis_url, wechat, morning_clock(folder))
    try:
        for _ in range(webs):
            running.begin_web(app)
        for _ in range(schedulers):
            running.begin_scheduler()
        running.wait_until_ready()
        yield running
    finally:
        running.end(within=10.0)
