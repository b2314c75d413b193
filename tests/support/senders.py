"""A scheduler process that sends, and a WeChat over real HTTP that counts what it was given."""

import json
import re
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import scheduler.__main__
from bot.clock import CLOCK_FILE, SHANGHAI, SharedClock
from bot.config import PRETEND, Settings, load_settings
from bot.services import Services
from models.db import Database
from models.messaging import kinds, outbox
from models.messaging.tables import Conversation
from tests.support.demo import MORNING
from tests.support.words import KINDS, small_renderer

ACCOUNT = PRETEND["WECHAT_ACCOUNT"]
_ORDER = re.compile(r"#(\d+)")


def settings_of(data_dir: str, database_url: str, api_base: str, redis_url: str = "", **more: str) -> Settings:
    """The settings of a set-up of the tests; `more` by their names in the environment."""
    return load_settings(
        {
            **PRETEND,
            "SIMULATOR": "1",
            "DATA_DIR": data_dir,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "WECHAT_API_BASE": api_base,
            "SECRET_KEY": "a secret of the tests",
            "LOG_LEVEL": "ERROR",
            **more,
        }
    )


def know_small_kinds() -> None:
    for kind in KINDS:
        kinds._KINDS.setdefault(kind.name, kind)


def keep_sending(
    say: Callable[[Any], None], data_dir: str, database_url: str, api_base: str, in_flight: int = 8
) -> None:
    """`python -m scheduler` without its timetable, with the words of the tests; ends on SIGTERM as that does."""
    know_small_kinds()
    settings = settings_of(data_dir, database_url, api_base, SEND_IN_FLIGHT=str(in_flight))
    services = Services(settings, SharedClock(Path(data_dir) / CLOCK_FILE))
    with tempfile.TemporaryDirectory() as folder:
        services.__dict__["renderer"] = small_renderer(Path(folder) / "templates")
        scheduler.__main__.TIMETABLE = ()
        ending = scheduler.__main__.Ending()
        say("begun")
        scheduler.__main__.serve(services, ending)


def morning_clock(data_dir: Path) -> SharedClock:
    """The clock of a set-up, which goes on from the demo's Tuesday morning: everything may be sent then."""
    path = data_dir / CLOCK_FILE
    path.write_text(json.dumps({"offset_seconds": (MORNING - datetime.now(SHANGHAI)).total_seconds()}))
    return SharedClock(path)


def promise_many(database: Database, clock: SharedClock, numbers: range, kind_of: Callable[[int], str]) -> None:
    """One message to each of as many people; every second has their message window open."""
    now = clock.now()
    know_small_kinds()
    for begin in range(numbers.start, numbers.stop, 500):
        with database.transaction() as session:
            for number in numbers[begin - numbers.start : begin - numbers.start + 500]:
                openid = f"person-{number}"
                outbox.put(
                    session,
                    account=ACCOUNT,
                    openid=openid,
                    kind=kind_of(number),
                    data={"order": number, "problem": "漏水"},
                    dedupe_key=str(number),
                    now=now,
                )
                if number % 2:
                    windows = {"message": [5, int((now + timedelta(hours=48)).timestamp())]}
                    session.add(Conversation(account=ACCOUNT, openid=openid, turned_at=now, windows=windows))


Trouble = Literal["", "502", "silent"]


class CountingWeChat(ThreadingHTTPServer):
    """Counts how often each message arrived on a phone. As the real one, it knows a template message by its client id."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.arrived: Counter[int] = Counter()
        self.calls: Counter[str] = Counter()
        self.heard: Counter[tuple[str, str]] = Counter()  # (openid, what arrived)
        self.trouble: Trouble = ""
        self.all_well = threading.Event()
        self.turned_away = 0  # calls that came while there was trouble
        self._client_ids: set[str] = set()
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def recover(self) -> None:
        self.trouble = ""
        self.all_well.set()

    def total(self) -> int:
        return self.arrived.total()

    def take(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self.calls[path] += 1
            if path.endswith("/stable_token"):
                return {"access_token": "token-of-the-tests", "expires_in": 7200}
            return self._send(path, body)

    def _send(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        client_id = body.get("client_msg_id", "")
        if client_id and client_id in self._client_ids:
            return {"errcode": 45065, "errmsg": "clientmsgid exist", "msgid": 1}
        self._client_ids.add(client_id)
        words = body["text"]["content"] if path.endswith("/custom/send") else f"#{_first_field(body)}"
        self.heard[body["touser"], words] += 1
        self.arrived.update(int(number) for number in _ORDER.findall(words))
        return {"errcode": 0, "errmsg": "ok", "msgid": self.calls[path]}


def _first_field(body: dict[str, Any]) -> str:
    return str(next(iter(body["data"].values()))["value"])


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer goes out in one piece, or the other side would wait for the rest
    server: CountingWeChat

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        status, answer = 200, b"<html>We are sorry</html>"
        if self.server.trouble:
            self.server.turned_away += 1
            status = 502
            if self.server.trouble == "silent":
                self.server.all_well.wait(30)
                self.close_connection = True
                return
        else:
            answer = json.dumps(self.server.take(urlsplit(self.path).path, body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):  # whoever asked was killed
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def counting_wechat() -> Iterator[CountingWeChat]:
    server = CountingWeChat()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.recover()
        server.shutdown()
        thread.join()
        server.server_close()
