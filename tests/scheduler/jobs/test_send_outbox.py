from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.config_sending import Sending
from bot.rendering import Renderer
from models.db import Database
from models.messaging import outbox, queue
from scheduler.jobs import send_outbox
from tests.support.fake_wechat import FakeWeChat
from tests.support.words import NEWS, small_kinds, small_renderer

__all__ = ["small_kinds"]

pytestmark = pytest.mark.usefixtures("small_kinds")


@dataclass
class Services:
    database: Database
    renderer: Renderer
    wechat: FakeWeChat
    settings: object
    sms: None = None


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    renderer = small_renderer(tmp_path / "templates")
    return Services(database, renderer, FakeWeChat(), SimpleNamespace(sending=Sending(in_flight=2)))


def promise(services: Services, now: datetime) -> None:
    with services.database.transaction() as session:
        data = {"order": 1, "problem": "漏水"}
        outbox.put(session, account="gh_1", openid="zhang", kind=NEWS.name, data=data, dedupe_key="1", now=now)


def test_what_nobody_rang_for_goes_out(services: Services, now: datetime) -> None:
    promise(services, now)
    assert send_outbox.run(services, now) == "1 sent"
    assert send_outbox.run(services, now) == "0 sent"


def test_what_a_dead_sender_left_goes_out_after_its_lease(services: Services, now: datetime) -> None:
    promise(services, now)
    with services.database.transaction() as session:
        queue.claim(session, "dead", now)
    assert send_outbox.run(services, now + timedelta(seconds=50)) == "0 sent"
    assert send_outbox.run(services, now + timedelta(seconds=61)) == "1 sent"


def test_it_does_not_hold_up_the_other_jobs(services: Services, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_outbox, "AT_MOST_SECONDS", -1.0)
    promise(services, now)
    assert send_outbox.run(services, now) == "0 sent"
