"""The server address over HTTP: what WeChat, a stranger and a broken frame get back. Frames are made by the pretend WeChat."""

import gzip
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from bot import dispatch
from bot.clock import FixedClock
from bot.config import PRETEND
from bot.simulator.pushes import Push, envelope, event, message
from bot.simulator.replies import read_reply
from bot.simulator.settings import SimulatorSettings
from bot.wechat.signature import MAX_FRAME_BYTES, Gate
from handlers.web import wechat_webhook
from models.db import Database
from models.messaging.tables import Inbox
from tests.support.shop import Shop

MODES = ("safe", "compatible", "plain")


def pretend(mode: str) -> SimulatorSettings:
    return SimulatorSettings(
        appid=PRETEND["WECHAT_APPID"],
        secret=PRETEND["WECHAT_SECRET"],
        token=PRETEND["WECHAT_TOKEN"],
        aes_key=PRETEND["WECHAT_AES_KEY"],
        account=PRETEND["WECHAT_ACCOUNT"],
        mode=mode,
        webhook_url="http://127.0.0.1/wechat",
        people=(),
        templates=(),
    )


class Address:
    """The server address of a shop, with the pretend WeChat in front of it."""

    def __init__(self, shop: Shop, mode: str) -> None:
        self.shop, self.pretend, self.clock = shop, pretend(mode), FixedClock(shop.now)
        gate = Gate(
            tokens=(self.pretend.token,),
            aes_keys=(self.pretend.aes_key,),
            appid=self.pretend.appid,
            account=self.pretend.account,
            mode=mode,  # type: ignore[arg-type]
            window_seconds=300,
        )
        settings = SimpleNamespace(wechat_appid=self.pretend.appid, public_url="https://home.test")
        app = Flask("address")
        app.extensions["services"] = SimpleNamespace(gate=gate, clock=self.clock, settings=settings)
        app.extensions["desk"] = shop.desk()
        wechat_webhook.register(app)
        self.http: FlaskClient = app.test_client()

    def frame(self, push: Push) -> tuple[dict[str, str], bytes]:
        return envelope(push, self.pretend, self.clock.now())

    def push(self, push: Push) -> TestResponse:
        query, body = self.frame(push)
        return self.post(query, body)

    def post(self, query: Mapping[str, Any], body: bytes, path: str = "/wechat") -> TestResponse:
        return self.http.post(path, query_string=query, data=body, content_type="text/xml")

    def words(self, response: TestResponse, push: Push) -> str:
        """What the person sees; the pretend WeChat refuses whatever the platform would refuse."""
        reply = read_reply(response.get_data(), push.openid, self.pretend)
        return reply.text if reply else ""

    def rows(self) -> int:
        return len(self.shop.rows(Inbox))


@pytest.fixture
def shop(database: Database, now: datetime) -> Shop:
    return Shop(database, now)


@pytest.fixture
def address(shop: Shop) -> Address:
    return Address(shop, "safe")


def said(address: Address, words: str = "下单", openid: str = "zhang") -> Push:
    return message(openid, address.clock.now(), "text", ("Content", words))


@pytest.mark.parametrize("mode", MODES)
def test_a_message_is_taken_and_answered_in_every_mode(shop: Shop, mode: str) -> None:
    address = Address(shop, mode)
    push = said(address)
    response = address.push(push)
    assert response.status_code == 200
    assert address.words(response, push).startswith("单号")
    assert (b"<Encrypt>" in response.data) == (mode != "plain")
    assert shop.orders() == 1


def test_the_address_proves_itself_to_wechat(address: Address) -> None:
    query, _ = address.frame(said(address))
    asked = {**query, "echostr": "4375120948345356249"}
    answer = address.http.get("/wechat", query_string=asked)
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "4375120948345356249")


@pytest.mark.parametrize("path", ["/wechat", "/wechat/wx0123456789abcdef"])
def test_a_stranger_who_asks_learns_nothing(address: Address, path: str) -> None:
    answer = address.http.get(
        path, query_string={"signature": "0" * 40, "timestamp": "1", "nonce": "1", "echostr": "x"}
    )
    assert (answer.status_code, answer.data) == (403, b"")


def test_another_accounts_address_does_not_exist(address: Address) -> None:
    query, body = address.frame(said(address))
    assert address.post(query, body, "/wechat/wxffffffffffffffff").status_code == 404
    assert address.post(query, body, f"/wechat/{address.pretend.appid}").status_code == 200


@pytest.mark.parametrize("spoil", ["signature", "token", "body", "appid", "account", "old", "new", "not xml"])
def test_f01_f05_f06_what_is_not_wechats_is_refused_and_leaves_no_row(address: Address, spoil: str) -> None:
    query, body = address.frame(said(address))
    if spoil == "signature":
        query["msg_signature"] = "0" * 40
    elif spoil == "body":
        body = body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[AAAA")
    elif spoil in ("token", "appid", "account"):
        other = replace(address.pretend, **{spoil: "gh_somebody_else" if spoil == "account" else "wxsomebodyelse"})
        query, body = envelope(said(address), other, address.clock.now())
    elif spoil in ("old", "new"):
        moved = address.clock.now() + timedelta(seconds=301 if spoil == "new" else -301)
        query, body = envelope(said(address), address.pretend, moved)
    else:
        body = b"hello"
    response = address.post(query, body)
    assert response.status_code in (400, 403)
    assert response.data == b""
    assert (address.rows(), address.shop.orders()) == (0, 0)


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml>&a;</xml>',
        b'<!DOCTYPE lolz [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;">]><xml>&m;</xml>',
    ],
)
def test_f03_a_doctype_is_refused_before_anything_else(address: Address, body: bytes) -> None:
    assert address.post({}, body).status_code == 400


def test_f04_a_frame_that_is_too_long_is_not_read(address: Address) -> None:
    query, body = address.frame(said(address))
    assert address.post(query, body + b" " * MAX_FRAME_BYTES).status_code == 413


class Dripping:
    """A body that arrives a few bytes at a time, and remembers how much of it was asked for."""

    def __init__(self, body: bytes) -> None:
        self._body, self.read_bytes = body, 0

    def read(self, size: int = -1) -> bytes:
        piece = self._body[self.read_bytes : self.read_bytes + (7 if size < 0 else min(size, 7))]
        self.read_bytes += len(piece)
        return piece


def drip(address: Address, query: Mapping[str, str], body: Dripping) -> int:
    """Chunked: nobody says beforehand how long it is. Returns the status."""
    environ = EnvironBuilder(path="/wechat", method="POST", query_string=query).get_environ()
    environ |= {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    environ.pop("CONTENT_LENGTH", None)
    _, status, _ = run_wsgi_app(address.http.application, environ)
    return int(status.split()[0])


def test_f04_a_body_that_drips_in_without_a_length_is_read_whole(address: Address) -> None:
    query, body = address.frame(said(address))
    assert drip(address, query, Dripping(body)) == 200
    assert address.shop.orders() == 1


def test_f04_an_endless_body_without_a_length_is_read_no_further_than_a_frame(address: Address) -> None:
    query, _ = address.frame(said(address))
    endless = Dripping(b"<" * 10 * MAX_FRAME_BYTES)
    assert drip(address, query, endless) in (400, 413)
    assert endless.read_bytes <= MAX_FRAME_BYTES + 100
    assert address.rows() == 0


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "text/xml; charset=gbk",
    ],
    ids=lambda kind: f"F04-{kind or 'none'}",
)
def test_f04_what_a_body_calls_itself_does_not_matter(address: Address, content_type: str) -> None:
    query, body = address.frame(said(address))
    answer = address.http.post("/wechat", query_string=query, data=body, content_type=content_type)
    assert (answer.status_code, address.shop.orders()) == (200, 1)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"], ids=lambda coding: f"F04-{coding}")
def test_f04_a_packed_body_is_not_unpacked(address: Address, coding: str) -> None:
    query, body = address.frame(said(address))
    packed = gzip.compress(body)
    answer = address.http.post("/wechat", query_string=query, data=packed, headers={"Content-Encoding": coding})
    assert (answer.status_code, address.rows()) == (400, 0)


def test_f04_an_empty_body_is_refused(address: Address) -> None:
    query, _ = address.frame(said(address))
    assert address.post(query, b"").status_code in (400, 403)
    assert address.rows() == 0


def test_f06_frames_of_another_account_raise_the_alarm_once_an_hour(
    address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    def alarms() -> int:
        return sum("another account" in record.message and record.levelname == "ERROR" for record in caplog.records)

    for minutes, so_far in ((0, 1), (1, 1), (58, 1), (1, 2), (1, 2)):
        address.clock.move(timedelta(minutes=minutes))
        other = replace(address.pretend, appid="wxsomebodyelse")
        query, body = envelope(said(address), other, address.clock.now())
        assert address.post(query, body).status_code == 403
        assert alarms() == so_far, minutes
    assert address.rows() == 0


def test_f02_a_replay_inside_the_window_has_one_effect_and_the_same_words(address: Address) -> None:
    push = said(address)
    query, body = address.frame(push)
    first, again = (address.words(address.post(query, body), push) for _ in range(2))
    assert first == again
    assert address.shop.orders() == 1


@pytest.mark.parametrize(
    "push",
    [
        ("event", "debug_demo"),
        ("event", "user_pay_from_couponshop"),
        ("text", "hologram"),
    ],
)
def test_f10_what_linli_has_no_use_for_is_answered_success(address: Address, push: tuple[str, str]) -> None:
    kind, name = push
    made = event("zhang", address.clock.now(), name) if kind == "event" else message("zhang", address.clock.now(), name)
    response = address.push(made)
    assert (response.status_code, response.data) == (200, b"success")
    assert address.rows() == 0


def test_owners_words_cannot_break_out_of_a_reply(address: Address) -> None:
    push = said(address, "下单")
    address.shop.order_words = "]]></Content><MsgType><![CDATA[news]]></MsgType><x><![CDATA["
    assert address.words(address.push(push), push) == address.shop.order_words


def test_f07_two_retries_of_a_slow_message_are_answered_success(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        let_go.wait(timeout=5)

    address.shop.door = hold
    monkeypatch.setattr(dispatch, "RETRY_WAIT", 0.05)
    push = said(address)
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(address.push, push)
        assert entered.wait(timeout=5)
        assert [address.push(push).data for _ in range(2)] == [b"success", b"success"]
        let_go.set()
        assert address.words(slow.result(timeout=5), push).startswith("单号")
    assert address.shop.orders() == 1


def test_a_database_that_cannot_answer_makes_wechat_come_again(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr(wechat_webhook, "take_turn", fail)
    response = address.push(said(address))
    assert (response.status_code, response.data) == (503, b"busy")
