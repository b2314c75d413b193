"""F39: WeChat's API is away for an hour of the (moved) clock, for a real sender process: it is left alone meanwhile, residents
are served as ever, and afterwards everything goes out within a quarter of an hour."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.db import Database
from models.messaging.queue import UNFINISHED
from models.messaging.tables import Outbox
from tests.support.demo import MORNING
from tests.support.door import open_door
from tests.support.lanes import settle_people
from tests.support.processes import Children
from tests.support.senders import Trouble, counting_wechat, keep_sending, morning_clock, promise_many
from tests.support.words import NEWS

pytestmark = pytest.mark.long

MESSAGES = 600
STEP = timedelta(seconds=10)
HOUR = 360  # steps
MOST_PROBES = 360  # one in ten seconds
DRAINED_WITHIN = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("demo_database", "trouble"),
    [pytest.param("sqlite", "silent", id="F39-silent"), pytest.param("postgresql", "502", id="F39-502")],
    indirect=["demo_database"],
)
def test_an_hour_without_wechat_loses_nothing_and_holds_up_nobody(
    demo_database: Database, tmp_path: Path, trouble: Trouble
) -> None:
    url = demo_database.engine.url.render_as_string(hide_password=False)
    settle_people(demo_database, 1, MORNING)
    clock, slowest = morning_clock(tmp_path), 0.0
    with counting_wechat() as wechat, Children() as children, open_door(tmp_path, url) as door:
        promise_many(demo_database, clock, range(MESSAGES), lambda number: NEWS.name)
        wechat.trouble = trouble
        sender = children.begin(keep_sending, str(tmp_path), url, wechat.address)
        assert _until(lambda: wechat.turned_away > 0, or_after=60), "the sender has tried"
        for step in range(HOUR):
            clock.move(STEP)
            time.sleep(0.05)  # the sender looks once a second
            if step % 20 == 0:
                begun = time.monotonic()
                assert door.says("kill-0", "我的报修").status == 200
                slowest = max(slowest, time.monotonic() - begun)
        assert wechat.turned_away <= MOST_PROBES + MESSAGES // 10
        assert wechat.total() == 0

        wechat.recover()
        back = clock.now()
        # The clock is only moved on when the sender has nothing left to do now: what takes real time takes it here, too.
        while left := _unfinished(demo_database):
            if not _until(lambda left=left: _unfinished(demo_database) < left, or_after=1.5):
                clock.move(STEP)
            assert clock.now() - back <= DRAINED_WITHIN, "it takes too long"
        sender.end()
    assert set(wechat.arrived) == set(range(MESSAGES)), "nothing is lost"
    assert slowest < 3.0


def _until(true: Callable[[], bool], or_after: float) -> bool:
    end = time.monotonic() + or_after
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _unfinished(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).where(Outbox.state.in_(UNFINISHED))) or 0
