"""F43: senders are killed, and ended, in the middle of ten thousand messages."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.clock import SharedClock
from models.db import Database
from models.messaging.queue import UNFINISHED, UNKNOWN_OUTCOME
from models.messaging.tables import Outbox
from tests.support.processes import Child, Children
from tests.support.senders import CountingWeChat, counting_wechat, keep_sending, morning_clock, promise_many
from tests.support.words import DEMAND, NEWS

pytestmark = pytest.mark.long

SENDERS = 2
# (on their way at a time, messages, kills): what a sender that is killed had on its way may arrive twice, and no more.
LOADS = [pytest.param(1, 10_000, 20, id="one-at-a-time"), pytest.param(8, 4_000, 8, id="eight-at-a-time")]
ENDED_MESSAGES, ENDS = 2_000, 8


class House:
    """A database with messages to send, and senders on it that can be got rid of."""

    def __init__(self, database: Database, folder: Path, wechat: CountingWeChat, children: Children) -> None:
        self.database, self.folder, self.wechat, self.children = database, folder, wechat, children
        self.clock: SharedClock = morning_clock(folder)

    def begin(self, in_flight: int = 8) -> Child:
        url = self.database.engine.url.render_as_string(hide_password=False)
        return self.children.begin(keep_sending, str(self.folder), url, self.wechat.address, in_flight)

    def count(self, *conditions: sa.ColumnElement[bool]) -> int:
        with self.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Outbox).where(*conditions)) or 0

    def until(self, true: Callable[[], bool], seconds: float = 150.0) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"still unfinished: {self.count(Outbox.state.in_(UNFINISHED))}"
            time.sleep(0.01)

    def numbers(self, *conditions: sa.ColumnElement[bool]) -> set[int]:
        with self.database.reading() as session:
            return {data["order"] for data in session.scalars(sa.select(Outbox.data).where(*conditions))}


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    with counting_wechat() as wechat, Children() as children:
        yield House(database, tmp_path, wechat, children)


def kind_of(number: int) -> str:
    """Every third is one that must not arrive twice."""
    return NEWS.name if number % 3 else DEMAND.name


@pytest.mark.parametrize(("in_flight", "messages", "kills"), LOADS)
def test_f43_kills_lose_no_news_and_repeat_no_demand(house: House, in_flight: int, messages: int, kills: int) -> None:
    promise_many(house.database, house.clock, range(messages), kind_of)
    dice = random.Random(20261125)
    senders = [house.begin(in_flight) for _ in range(SENDERS)]
    for kill in range(kills):
        mark = messages * (kill + 1) // (kills + 1)
        house.until(lambda mark=mark: house.wechat.total() >= mark)  # type: ignore[misc]
        time.sleep(dice.uniform(0.0, 0.05))
        senders[kill % SENDERS].kill()
        senders[kill % SENDERS] = house.begin(in_flight)
    house.until(lambda: house.count(Outbox.state == "waiting") == 0)
    for sender in senders:
        sender.end()
    # What the dead held comes free when its lease is over.
    house.clock.move(timedelta(minutes=5))
    house.begin()
    house.until(lambda: house.count(Outbox.state.in_(UNFINISHED)) == 0)

    arrived = house.wechat.arrived
    news = [number for number in range(messages) if kind_of(number) == NEWS.name]
    demands = [number for number in range(messages) if kind_of(number) == DEMAND.name]
    assert [number for number in news if not arrived[number]] == [], "news were lost"
    assert sum(arrived[number] - 1 for number in news) <= kills * in_flight
    assert [number for number in demands if arrived[number] > 1] == [], "demands came twice"
    listed = house.numbers(Outbox.state == "failed", Outbox.outcome == UNKNOWN_OUTCOME)
    assert {number for number in demands if not arrived[number]} <= listed
    assert listed <= set(demands)
    assert house.count(Outbox.state == "sent") == messages - len(listed)


def test_f43_senders_that_are_asked_to_end_lose_and_repeat_nothing(house: House) -> None:
    promise_many(house.database, house.clock, range(ENDED_MESSAGES), kind_of)
    senders = [house.begin() for _ in range(SENDERS)]
    for end in range(ENDS):
        mark = ENDED_MESSAGES * (end + 1) // (ENDS + 1)
        house.until(lambda mark=mark: house.wechat.total() >= mark)  # type: ignore[misc]
        senders[end % SENDERS].end(within=10)
        assert senders[end % SENDERS].exitcode == 0
        senders[end % SENDERS] = house.begin()
    # No lease had to run out: the clock was not moved.
    house.until(lambda: house.count(Outbox.state == "sent") == ENDED_MESSAGES)
    assert set(house.wechat.arrived.values()) == {1}
