"""The product's own WeChat code and the pretend platform, written apart, understand each other."""

from datetime import timedelta
from io import BytesIO
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask

from bot.clock import FixedClock
from bot.incoming import Incoming
from bot.simulator import Platform
from bot.simulator.app import app_of
from bot.wechat.client import WeChatClient
from bot.wechat.menu import DEFAULT_MENU
from bot.wechat.oauth import OAuth
from bot.wechat.parser import read_message
from bot.wechat.replies import text_reply
from bot.wechat.signature import Gate
from bot.wechat.token import TokenProvider
from tests.bot.simulator.conftest import GOOD_DATA, SETTINGS, MakePlatform, Server

ZHANG = "demo-zhang"
BASE = "http://simulator.test"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


class Wire(requests.adapters.BaseAdapter):
    """Lets `requests` reach a program without a socket."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._client = app.test_client()

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        parts = urlsplit(request.url or "")
        answer = self._client.open(
            f"{parts.path}?{parts.query}", method=request.method, headers=dict(request.headers), data=request.body
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        response.raw = BytesIO(answer.get_data())
        response.request = request
        return response

    def close(self) -> None:
        """There is nothing to close."""


def connect(platform: Platform) -> requests.Session:
    http = requests.Session()
    http.mount("http://", Wire(app_of(platform)))
    return http


@pytest.fixture
def client(platform: Platform, clock: FixedClock) -> WeChatClient:
    http = connect(platform)
    token = TokenProvider(
        appid=SETTINGS.appid, secret=SETTINGS.secret, api_base=BASE, redis=None, http=http, clock=clock
    )
    return WeChatClient(SETTINGS.appid, SETTINGS.secret, token, BASE, http)


def gate(mode: Literal["plain", "compatible", "safe"] = "safe") -> Gate:
    return Gate((SETTINGS.token,), (SETTINGS.aes_key,), SETTINGS.appid, SETTINGS.account, mode)


def understood(server: Server, clock: FixedClock) -> Incoming:
    query, body = server.attempts[-1]
    return read_message(gate().open(query, body, clock.now()))


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_words_arrive_and_the_answer_comes_back(
    make_platform: MakePlatform, clock: FixedClock, mode: Literal["plain", "compatible", "safe"]
) -> None:
    def answer(url: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        incoming = read_message(gate(mode).open(query, body, clock.now()))
        reply = text_reply(incoming, f"您说：{incoming.text}", clock.now())
        if gate(mode).is_sealed(query):
            reply = gate(mode).seal(reply, clock.now(), "415670741")
        return 200, reply.encode()

    platform = make_platform(mode=mode, deliver=answer)
    platform.say(ZHANG, "漏水 ]]> <b>&amp;</b>")
    assert platform.failures == []
    assert platform.chat(ZHANG)[-1]["text"] == "您说：漏水 ]]> <b>&amp;</b>"


def test_every_kind_of_message_is_understood(platform: Platform, server: Server, clock: FixedClock) -> None:
    media_id = platform.send_image(ZHANG, PNG)
    picture = understood(server, clock)
    assert (picture.kind, picture.media_id, picture.media_url) == ("image", media_id, platform.media_url(media_id))
    platform.send_voice(ZHANG, "灯坏了", recognised=True)
    voice = understood(server, clock)
    assert (voice.kind, voice.text, voice.media_format) == ("voice", "灯坏了", "amr")
    platform.send_location(ZHANG, 31.23, 121.47, "北门")
    place = understood(server, clock)
    assert (place.kind, place.text, place.latitude, place.longitude) == ("location", "北门", 31.23, 121.47)
    platform.say(ZHANG, "看进度", menu_id="7")
    assert understood(server, clock).menu_id == "7"


def test_every_kind_of_event_is_understood(platform: Platform, server: Server, clock: FixedClock) -> None:
    platform.scan(ZHANG, "lift-3-2")
    assert (understood(server, clock).kind, understood(server, clock).scene) == ("scan", "lift-3-2")
    platform.click_menu(ZHANG, "repair")
    assert (understood(server, clock).kind, understood(server, clock).scene) == ("menu", "repair")
    platform.view_menu(ZHANG, "http://127.0.0.1/m")
    assert understood(server, clock).kind == "view"
    platform.answer_consent(ZHANG, "T-task", accept=True)
    assert (understood(server, clock).kind, understood(server, clock).status) == ("subscription", "accept")
    platform.unfollow(ZHANG)
    assert understood(server, clock).kind == "unfollow"
    platform.scan(ZHANG, "lift-3-2")
    assert (understood(server, clock).kind, understood(server, clock).scene) == ("follow", "lift-3-2")


def test_every_call_of_the_product_is_accepted(
    platform: Platform, client: WeChatClient, server: Server, clock: FixedClock
) -> None:
    platform.say(ZHANG, "你好")
    client.send_text(ZHANG, "您好")
    client.send_image(ZHANG, client.upload_media("image", PNG, "photo.png"))
    client.send_menu(ZHANG, "满意吗？", [("5", "满意"), ("1", "不满意")])
    msgid = client.send_template(ZHANG, "T-task", {key: each["value"] for key, each in GOOD_DATA.items()})
    assert [shown["kind"] for shown in platform.chat(ZHANG)] == ["text", "text", "image", "msgmenu", "template"]
    platform.deliver_pending()
    sent = understood(server, clock)
    assert (sent.kind, sent.status, sent.platform_id) == ("sent", "success", str(msgid))
    ticket, _address = client.create_qrcode("place-7")
    platform.scan(ZHANG, ticket)
    assert understood(server, clock).scene == "place-7"
    client.create_menu(DEFAULT_MENU)
    assert platform.menu.buttons() == DEFAULT_MENU["button"]
    assert client.user_info(ZHANG)["subscribe"] == 1
    media_id = platform.send_image(ZHANG, PNG)
    assert client.download_media(media_id, 10_000) == (PNG, "image/png")
    assert platform.flags == []


def test_the_product_outlives_its_token(platform: Platform, client: WeChatClient, clock: FixedClock) -> None:
    platform.say(ZHANG, "你好")
    client.send_text(ZHANG, "一")
    platform.tokens.stable(clock.now() + timedelta(seconds=31), force=True)
    client.send_text(ZHANG, "二")
    assert [shown["text"] for shown in platform.chat(ZHANG)] == ["你好", "一", "二"]


def test_a_page_of_the_product_learns_who_is_looking(platform: Platform) -> None:
    http = connect(platform)
    oauth = OAuth(SETTINGS.appid, SETTINGS.secret, api_base=BASE, open_base=BASE, http=http)
    address = urlsplit(oauth.authorize_url("http://127.0.0.1:8000/m/bill", "abc123"))
    phone = app_of(platform).test_client()
    phone.set_cookie("simulator_openid", ZHANG)
    back = urlsplit(phone.get(f"{address.path}?{address.query}").location)
    assert oauth.openid_for(parse_qs(back.query)["code"][0]) == ZHANG
