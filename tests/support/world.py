"""The whole program against the pretend WeChat, in one process and without sockets: what transcripts and stories run in.

Every message goes the real way: signed and encrypted by the pretend platform, through the real webhook, and what the
program sends goes through the real client to the platform's API, which keeps WeChat's rules and shows it on the phone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from flask import Flask

from bot.clock import FixedClock
from bot.config import PRETEND, Settings, load_settings
from bot.services import Services
from bot.simulator import Platform, SimulatorSettings
from bot.simulator.app import app_of
from bot.wechat.client import WeChatClient
from bot.wechat.oauth import OAuth
from bot.wechat.token import TokenProvider
from handlers.commands.cast import simulator_settings
from models.db import Database
from scheduler.media_fetcher import fetcher_of
from scheduler.senders import build_sender
from wsgi import create_app


class WsgiAdapter(requests.adapters.BaseAdapter):
    """Lets `requests` talk to a WSGI program directly."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._client = app.test_client()

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        parts = urlsplit(request.url or "")
        answer = self._client.open(
            f"{parts.path}?{parts.query}",
            base_url=f"{parts.scheme}://{parts.netloc}",
            method=request.method,
            headers=dict(request.headers),
            data=request.body,
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        response.raw = BytesIO(answer.get_data())
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        pass


@dataclass
class World:
    """One running company: its program, the pretend WeChat, and a clock that only moves when told."""

    services: Services
    app: Flask
    platform: Platform
    clock: FixedClock
    _seen: dict[str, int] = field(default_factory=dict)

    def says(self, openid: str, words: str) -> str:
        """Say something; returns the reply on the screen ("" for none) after everybody concerned has heard of it."""
        before = len(self.platform.chat(openid))
        self.platform.say(openid, words)
        replies = [shown["text"] for shown in self.platform.chat(openid)[before:] if shown["direction"] == "out"]
        self.settle()
        return "\n".join(replies)

    def settle(self) -> None:
        """Fetch and send everything that is due, as the scheduler does a moment after each commit."""
        self.platform.payments.notices.deliver_due()
        fetcher_of(self.services, self.clock.now).fetch_due()
        sender = build_sender(self.services, self.clock.now, "test")
        while sender.send_due():
            self.platform.deliver_pending()
        self.platform.deliver_pending()

    def move(self, step: timedelta) -> None:
        self.clock.move(step)

    def heard(self, openid: str) -> list[str]:
        """Everything that appeared on this phone since the last time somebody asked, oldest first."""
        shown = [message for message in self.platform.chat(openid) if message["direction"] == "out"]
        start = self._seen.get(openid, 0)
        self._seen[openid] = len(shown)
        return [words_of(message) for message in shown[start:]]


def words_of(message: Mapping[str, Any]) -> str:
    """A message as one text; of a template card its title and its fields, a line each."""
    fields = message.get("fields") or ()
    return "\n".join([message["text"], *(f"{label}：{value}" for label, value in fields)])


def open_world(database: Database, data_dir: Path, now: datetime) -> World:
    """A world on this (empty) database. Nothing in it yet: load the demo or seed what the test needs."""
    clock = FixedClock(now)
    settings = _settings(data_dir)
    services = Services(settings, clock)
    services.__dict__["database"] = database
    services.__dict__["redis"] = None
    app = create_app(services=services)
    pretend: SimulatorSettings = replace(simulator_settings(settings), state_file=None, clock_file=None)
    platform = Platform(pretend, clock, deliver=_deliver_to(app), notify=_notify(app))
    http = requests.Session()
    http.mount("http://", WsgiAdapter(app_of(platform)))
    services.__dict__["http"] = http
    services.__dict__["wechat"] = _client(settings, http, clock)
    services.__dict__["oauth"] = OAuth(
        settings.wechat_appid,
        settings.wechat_secret,
        api_base=settings.wechat_api_base,
        open_base=settings.wechat_open_base,
        http=http,
    )
    return World(services, app, platform, clock)


def _settings(data_dir: Path) -> Settings:
    return load_settings({**PRETEND, "SIMULATOR": "1", "DATA_DIR": str(data_dir), "LOG_LEVEL": "ERROR"})


def _deliver_to(app: Flask) -> Any:
    client = app.test_client()

    def deliver(url: str, query: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        path = urlsplit(url).path
        answer = client.post(f"{path}?{urlencode(query)}", data=body, content_type="text/xml")
        return answer.status_code, answer.get_data()

    return deliver


def _notify(app: Flask) -> Any:
    """WeChat Pay's notices, straight into the program."""

    def notify(url: str, headers: dict[str, str], body: bytes) -> int:
        return app.test_client().post(urlsplit(url).path, data=body, headers=headers).status_code

    return notify


def _client(settings: Settings, http: requests.Session, clock: FixedClock) -> WeChatClient:
    token = TokenProvider(
        appid=settings.wechat_appid,
        secret=settings.wechat_secret,
        api_base=settings.wechat_api_base,
        redis=None,
        http=http,
        clock=clock,
    )
    return WeChatClient(settings.wechat_appid, settings.wechat_secret, token, settings.wechat_api_base, http)
