"""SIGTERM to everything under load: what was answered is kept, what was not is delivered again, nothing is sent twice."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.simulator.pushes import Push
from models.db import Database
from models.messaging.queue import UNFINISHED
from models.messaging.tables import Inbox, Outbox
from models.workorders.tables import OrderEvent, WorkOrder
from tests.support.demo import MORNING
from tests.support.lanes import settle_people
from tests.support.senders import counting_wechat, morning_clock
from tests.support.setups import Answer, SetUp, free_port

pytestmark = pytest.mark.long

PEOPLE, STOPS = 240, 2
ENDS_WITHIN = 10.0  # seconds


@pytest.fixture
def house(demo_database: Database, tmp_path: Path) -> Iterator[SetUp]:
    settle_people(demo_database, PEOPLE, MORNING)
    url = demo_database.engine.url.render_as_string(hide_password=False)
    with counting_wechat() as wechat:
        running = SetUp(tmp_path, url, "", wechat, morning_clock(tmp_path))
        yield running
        running.end()


def begin(house: SetUp, port: int) -> subprocess.Popen[bytes]:
    """`make serve` without its checks: one parent, web and scheduler and Redis under it."""
    house.ports[:] = [port]
    parent = house.begin([sys.executable, "-m", "bot.launch", "web", "scheduler"], port)
    house.wait_until_ready()
    return parent


def test_a_stop_in_the_middle_of_work_loses_nothing_and_doubles_nothing(house: SetUp, demo_database: Database) -> None:
    port, answered, asked = free_port(), {}, []
    waiting = [house.message(f"kill-{number}", "厨房水管漏水了") for number in range(PEOPLE)]
    for _ in range(STOPS):
        parent = begin(house, port)
        speaking = Speakers(house, waiting[: PEOPLE // (STOPS + 1)])
        speaking.until_answered(20)
        begun = time.monotonic()
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(ENDS_WITHIN + 5) == 0
        asked.append(time.monotonic() - begun)
        house.processes.remove(parent)
        answered.update(speaking.stop())
        assert _held(demo_database) == 0, "what was claimed is given back"
        waiting = [push for push in waiting if push.openid not in answered]
    begin(house, port)
    for push in waiting:
        answered[push.openid] = house.deliver_until_taken(push)
    _until_sent(demo_database)

    assert max(asked) < ENDS_WITHIN
    assert {answer.status for answer in answered.values()} == {200}
    assert len(answered) == PEOPLE
    with demo_database.reading() as session:
        stored = dict(session.execute(sa.select(Inbox.openid, Inbox.reply)).all())
        created = session.scalar(
            sa.select(sa.func.count())
            .select_from(OrderEvent)
            .join(WorkOrder, WorkOrder.id == OrderEvent.order_id)
            .where(WorkOrder.openid.like("kill-%"), OrderEvent.event.in_(("create", "words")))
        )
        sent = session.scalars(sa.select(Outbox.state)).all()
    assert {openid: answer.words for openid, answer in answered.items()} == stored
    assert created == PEOPLE
    assert set(sent) == {"sent"}
    assert house.wechat.heard.total() == len(sent), "nothing was sent twice"


class Speakers:
    """Some people speak at once, each message until it is answered with 200 or everybody is told to stop."""

    def __init__(self, house: SetUp, pushes: list[Push]) -> None:
        self._house, self._waiting = house, list(pushes)
        self._answered: dict[str, Answer] = {}
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._speak) for _ in range(4)]
        for thread in self._threads:
            thread.start()

    def _speak(self) -> None:
        while not self._stopped.is_set():
            try:
                push = self._waiting.pop(0)
            except IndexError:
                return
            answer = self._house.deliver(push)
            if answer.status == 200:
                self._answered[push.openid] = answer

    def until_answered(self, count: int) -> None:
        end = time.monotonic() + 60
        while len(self._answered) < count:
            assert time.monotonic() < end, "nobody is answered"
            time.sleep(0.01)

    def stop(self) -> dict[str, Answer]:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        return self._answered


def _held(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).where(Outbox.state.in_(("claimed", "sending")))) or 0


def _until_sent(database: Database) -> None:
    end = time.monotonic() + 60
    unsent = sa.select(sa.func.count()).where(Outbox.state.in_(UNFINISHED))
    while True:
        with database.reading() as session:
            if not session.scalar(unsent):
                return
        assert time.monotonic() < end, "not everything is sent"
        time.sleep(0.05)
