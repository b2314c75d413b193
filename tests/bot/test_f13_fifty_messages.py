"""F13: fifty messages of one person in five seconds are all kept and worked on in order; they are told once, nobody else waits."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.dispatch import BURST_REPLIES, BURST_WORDS, take_turn
from bot.incoming import Incoming
from models.db import Database
from models.messaging.tables import Conversation, Inbox
from tests.support.shop import Shop

HOW_MANY = 50
EVERY = timedelta(milliseconds=100)


@pytest.fixture
def shop(database: Database, now: datetime) -> Shop:
    return Shop(database, now)


def said(shop: Shop, number: int, text: str, who: str = "zhang", kind: str = "text") -> Incoming:
    return Incoming("gh_test", who, kind, str(number), shop.now, text=text if kind == "text" else "", media_id="m")


def pour(shop: Shop, messages: list[Incoming]) -> list[str]:
    desk = shop.desk()
    return [take_turn(desk, one, shop.now + EVERY * number) for number, one in enumerate(messages)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("随便说说", "text", id="F13-nonsense"),
        pytest.param("", "image", id="F13-pictures"),
        pytest.param("下单", "text", id="F13-orders"),
    ],
)
def test_all_fifty_are_kept_and_the_person_is_told_once(shop: Shop, text: str, kind: str) -> None:
    replies = pour(shop, [said(shop, number, text, kind=kind) for number in range(HOW_MANY)])
    assert len(shop.rows(Inbox)) == HOW_MANY
    assert replies.count(BURST_WORDS) == 1
    assert sum(map(bool, replies)) == BURST_REPLIES + 1
    assert shop.orders() == (HOW_MANY if text == "下单" else 0)


def test_f13_they_are_worked_on_in_the_order_they_came(shop: Shop) -> None:
    pour(shop, [said(shop, number, "加" if number == 0 else str(number)) for number in range(HOW_MANY)])
    [talk] = shop.rows(Conversation)
    assert talk.frames[0]["slots"]["numbers"] == [str(number) for number in range(1, HOW_MANY)]


def test_f13_somebody_else_in_the_same_seconds_gets_every_answer(shop: Shop) -> None:
    both = [
        one
        for number in range(HOW_MANY)
        for one in (said(shop, number, "下单"), *([said(shop, number, "下单", "li")] if number % 10 == 0 else []))
    ]
    replies = dict(zip(((one.openid, one.key) for one in both), pour(shop, both), strict=True))
    assert all(reply.startswith("单号") for (who, _), reply in replies.items() if who == "li")
    assert shop.orders() == HOW_MANY + 5


def test_f13_a_retry_in_the_storm_is_no_fifty_first_message(shop: Shop) -> None:
    messages = [said(shop, number, "下单") for number in range(HOW_MANY)]
    pour(shop, messages)
    again = pour(shop, [replace(one) for one in messages])
    assert shop.orders() == HOW_MANY
    assert sum(map(bool, again)) == BURST_REPLIES + 1, "each gets the reply it got the first time"
