"""F14: two messages of one person on two workers at once end as if one had come after the other, in either order."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime
from itertools import product

import pytest
import sqlalchemy as sa

from bot import dispatch
from bot.dispatch import take_turn
from bot.incoming import Incoming
from models.db import Database
from models.job_runs import JobRun
from models.messaging.tables import Conversation, Inbox
from tests.support.shop import Shop

# What is said before, and the two things said at once.
BEFORE = ((), ("加",), ("加", "7"))
PAIRS = (
    ("1", "2"),
    ("2", "1"),
    ("加", "1"),
    ("下单", "1"),
    ("下单", "下单"),
    ("买", "加"),
    ("取消", "5"),
    ("加", "加"),
)
CASES = tuple(product(BEFORE, PAIRS))
QUICK = tuple(case for case in CASES if case[0] == ("加",))
ROUNDS = 200

Outcome = tuple[object, ...]
Case = tuple[tuple[str, ...], tuple[str, str]]


@pytest.fixture
def shop(database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Shop:
    # Two workers do not see each other's deliveries: only the database is between them.
    monkeypatch.setattr(dispatch, "_only_one", lambda this: nullcontext())
    return Shop(database, now)


def message(shop: Shop, who: str, text: str, key: str) -> Incoming:
    return Incoming("gh_test", who, "text", f"{who}-{key}", shop.now, text=text)


def outcome(shop: Shop, who: str) -> Outcome:
    """What is true afterwards of one person: the open question, what was said to it, what was ordered, what was kept."""
    with shop.database.reading() as session:
        [talk] = session.scalars(sa.select(Conversation).where(Conversation.openid == who))
        ordered = session.scalar(sa.select(sa.func.count()).where(JobRun.period.startswith(f"{who}-")))
        kept = session.scalars(sa.select(Inbox.text).where(Inbox.openid == who).order_by(Inbox.text)).all()
        frames = [(frame["flow"], tuple(frame["slots"].get("numbers", ()))) for frame in talk.frames]
        return (tuple(frames), talk.misunderstood, ordered, tuple(kept))


def one_after_the_other(shop: Shop, who: str, said: tuple[str, ...]) -> Outcome:
    desk = shop.desk()
    for number, words in enumerate(said):
        take_turn(desk, message(shop, who, words, str(number)), shop.now)
    return outcome(shop, who)


def at_once(shop: Shop, who: str, before: tuple[str, ...], pair: tuple[str, str]) -> Outcome:
    desk, gate = shop.desk(), threading.Barrier(2)
    for number, words in enumerate(before):
        take_turn(desk, message(shop, who, words, f"b{number}"), shop.now)

    def deliver(number: int) -> str:
        gate.wait(timeout=10)
        return take_turn(desk, message(shop, who, pair[number], str(number)), shop.now)

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(deliver, range(2)))
    return outcome(shop, who)


def play(shop: Shop, cases: Sequence[Case], rounds: int) -> None:
    serial = {
        case: {
            one_after_the_other(shop, f"s{number}{order}", (*case[0], *case[1][:: 1 if order == "a" else -1]))
            for order in "ab"
        }
        for number, case in enumerate(cases)
    }
    wrong = []
    for number in range(rounds):
        before, pair = cases[number % len(cases)]
        ended = at_once(shop, f"p{number}", before, pair)
        if ended not in serial[before, pair]:
            wrong.append(f"F14-{number}: after {before}, {pair} at once ended as {ended}")
    assert wrong == []


def test_f14_two_messages_at_once_end_as_in_one_of_their_two_orders(shop: Shop) -> None:
    play(shop, QUICK, len(QUICK))


@pytest.mark.long
def test_f14_two_hundred_times(shop: Shop) -> None:
    play(shop, CASES, ROUNDS)
