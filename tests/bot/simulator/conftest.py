"""A platform with three phones, an account server that answers what a test tells it to, and the API over it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.clock import SHANGHAI, FixedClock
from bot.simulator import MessageTemplate, PhoneOwner, Platform, SimulatorSettings
from bot.simulator.app import app_of
from bot.simulator.delivery import Deliver
from bot.simulator.signing import Envelope, signature

SETTINGS = SimulatorSettings(
    appid="wxba5fad812f8e6fb9",
    secret="s3cret",
    token="AAAAA",
    aes_key="A" * 43,
    account="gh_97417a04a28d",
    mode="safe",
    webhook_url="http://127.0.0.1:8000/wechat",
    people=(
        PhoneOwner("demo-zhang", "张伟", "业主 锦绣花园3-2-501"),
        PhoneOwner("demo-chen", "陈师傅", "维修工"),
        PhoneOwner("demo-zhaomgr", "赵经理", "经理"),
    ),
    templates=(
        MessageTemplate(
            "T-task",
            "新的维修任务",
            (("character_string1", "工单号"), ("thing2", "问题"), ("time3", "要求到场"), ("phrase4", "状态")),
        ),
    ),
    scenes=(("lift-3-2", "3栋2单元电梯"),),
    examples=(("demo-zhang", ("厨房水管漏水了",)),),
)
GOOD_DATA = {
    "character_string1": {"value": "1024"},
    "thing2": {"value": "厨房水管漏水了"},
    "time3": {"value": "2026年3月10日 10:00"},
    "phrase4": {"value": "待接单"},
}


MakePlatform = Callable[..., Platform]


@dataclass
class Server:
    """The account's server: keeps every attempt, and answers from `answers` (the last one again and again)."""

    answers: list[Any] = field(default_factory=lambda: [(200, b"success")])
    attempts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    seconds_per_answer: float = 0.1
    elapsed: float = 0.0

    def __call__(self, url: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        assert url == SETTINGS.webhook_url
        self.attempts.append((query, body))
        self.elapsed += self.seconds_per_answer
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, content = answer
        return status, content

    def heard(self, number: int = -1) -> str:
        """The XML of an attempt, opened."""
        return opened(self.attempts[number][1])


def inside(xml: str, tag: str) -> str:
    found = re.search(f"<{tag}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</{tag}>", xml, re.DOTALL)
    assert found, f"no {tag} in {xml}"
    return found[1]


def opened(body: bytes) -> str:
    return Envelope(SETTINGS.aes_key, SETTINGS.appid).open(inside(body.decode(), "Encrypt"))


def plain_reply(openid: str = "demo-zhang", content: str = "好的", **changes: str) -> str:
    fields = {
        "ToUserName": openid,
        "FromUserName": SETTINGS.account,
        "CreateTime": "1773106200",
        "MsgType": "text",
        "Content": content,
        **changes,
    }
    return "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items()) + "</xml>"


def sealed(xml: str, appid: str = SETTINGS.appid, token: str = SETTINGS.token) -> bytes:
    """An encrypted reply, as an account in safe mode must send it."""
    encrypted = Envelope(SETTINGS.aes_key, appid).seal(xml, b"707722b803182950")
    sign = signature(token, "1713424427", "415670741", encrypted)
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature>{sign}</MsgSignature>"
        "<TimeStamp>1713424427</TimeStamp><Nonce>415670741</Nonce></xml>"
    ).encode()


@dataclass
class Api:
    """Calls with a good token; every answer is JSON."""

    client: FlaskClient
    token: Callable[[], str] | None = None  # None: for a call that needs none

    def raw(self, method: str, path: str, **options: Any) -> TestResponse:
        query = options.pop("query", {})
        if self.token is not None:
            query = {"access_token": self.token(), **query}
        return self.client.open(path, method=method, query_string=query, **options)

    def get(self, path: str, **query: str) -> Any:
        return json.loads(self.raw("GET", path, query=query).get_data())

    def post(self, path: str, body: object) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return json.loads(self.raw("POST", path, data=content).get_data())

    def send_text(self, openid: str, words: str = "您好") -> int:
        body = {"touser": openid, "msgtype": "text", "text": {"content": words}}
        return int(self.post("/cgi-bin/message/custom/send", body)["errcode"])

    def send_template(self, openid: str = "demo-zhang", **changes: Any) -> Any:
        body = {"touser": openid, "template_id": "T-task", "data": GOOD_DATA, **changes}
        return self.post("/cgi-bin/message/template/send", body)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def make_platform(clock: FixedClock, server: Server, waits: list[float]) -> Iterator[MakePlatform]:
    made: list[Platform] = []

    def make(*, background: bool = False, deliver: Deliver = server, **changes: Any) -> Platform:
        platform = Platform(
            replace(SETTINGS, **changes),
            clock,
            deliver=deliver,
            background=background,
            stopwatch=lambda: server.elapsed,
            wait=waits.append,
        )
        made.append(platform)
        return platform

    yield make
    for platform in made:
        platform.close()


@pytest.fixture
def platform(make_platform: MakePlatform) -> Platform:
    return make_platform()


@pytest.fixture
def api(platform: Platform) -> Api:
    client = app_of(platform).test_client()
    return Api(client, lambda: platform.tokens.stable(platform.clock.now(), force=False)[0])
