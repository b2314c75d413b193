"""The program's WeChat address in this process, and what one delivery there gets: for faults below the program."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask

from bot.clock import FixedClock
from bot.services import Services
from bot.simulator import SimulatorSettings, pushes
from bot.simulator.replies import read_reply
from handlers.commands.cast import simulator_settings
from tests.support.demo import MORNING
from tests.support.senders import settings_of
from wsgi import create_app


@dataclass(frozen=True)
class Got:
    status: int
    words: str


@dataclass
class Door:
    services: Services
    app: Flask
    pretend: SimulatorSettings

    def message(self, openid: str, words: str, at: datetime = MORNING) -> pushes.Push:
        return pushes.message(openid, at, "text", ("Content", words))

    def deliver(self, push: pushes.Push) -> Got:
        query, body = pushes.envelope(push, self.pretend, push.made_at)
        response = self.app.test_client().post("/wechat", query_string=query, data=body, content_type="text/xml")
        if response.status_code != 200:
            return Got(response.status_code, "")
        reply = read_reply(response.get_data(), push.openid, self.pretend)
        return Got(200, reply.text if reply else "")

    def says(self, openid: str, words: str) -> Got:
        return self.deliver(self.message(openid, words))


@contextmanager
def open_door(
    folder: Path, database_url: str, api_base: str = "http://127.0.0.1:9", redis_url: str = ""
) -> Iterator[Door]:
    services = Services(settings_of(str(folder), database_url, api_base, redis_url), FixedClock(MORNING))
    yield Door(services, create_app(services=services), simulator_settings(services.settings))
    services.database.close()
    if services.redis is not None:
        services.redis.close()
