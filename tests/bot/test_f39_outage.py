"""F39: WeChat is away. Nothing is lost, it is asked once in ten seconds and not more, what is stale is not sent afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.wechat.errors import Consequence, WeChatError
from models.db import Database
from tests.support.post import Post
from tests.support.words import ALARM, DEMAND, NEWS, URGENT_EVERY_WAY, every_way_renderer, small_kinds

__all__ = ["small_kinds"]

pytestmark = [pytest.mark.usefixtures("small_kinds"), pytest.mark.thorough]

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WAYS = {
    "refused": lambda: WeChatError(0, "ConnectionError", Consequence.NOT_REACHED),
    "no connection in time": lambda: WeChatError(0, "ConnectTimeout", Consequence.NOT_REACHED),
    "no answer in time": lambda: WeChatError(0, "ReadTimeout", Consequence.UNKNOWN_OUTCOME),
    "502": lambda: WeChatError(0, "HTTP 502 without an answer", Consequence.UNKNOWN_OUTCOME),
    "a page instead of an answer": lambda: WeChatError(0, "HTTP 200 without an answer", Consequence.UNKNOWN_OUTCOME),
}


@pytest.fixture
def post(database: Database, tmp_path: Path, now: datetime) -> Post:
    return Post(database, every_way_renderer(tmp_path / "templates"), now)


@pytest.mark.parametrize("way", WAYS)
def test_f39_nothing_is_lost_and_wechat_is_hardly_asked(post: Post, way: str) -> None:
    for number in range(12):
        post.open_window(f"p{number}") if number % 2 else None
        post.promise(f"p{number}", NEWS.name)
    post.wechat.down = WAYS[way]
    post.pass_time(5 * MINUTE, 5 * SECOND)
    assert post.wechat.calls <= 30 + 2 * 5  # one in ten seconds, and the silences that opened the breakers
    asked = post.wechat.calls
    post.wechat.down = None
    post.pass_time(15 * MINUTE, MINUTE)
    assert post.states() == ["sent"] * 12
    assert post.wechat.calls >= asked + 12


@pytest.mark.long
@pytest.mark.parametrize("way", ["refused", "no answer in time"])
def test_f39_an_hour(post: Post, way: str) -> None:
    for number in range(300):
        post.promise(f"p{number}", NEWS.name)
    post.wechat.down = WAYS[way]
    post.pass_time(HOUR, 5 * SECOND)
    assert post.wechat.calls <= 360 + 5
    post.wechat.down = None
    post.pass_time(15 * MINUTE, MINUTE)
    assert post.states() == ["sent"] * 300


def test_f39_what_has_become_stale_is_not_sent_any_more(post: Post) -> None:
    post.promise("zhang", DEMAND.name)
    post.wechat.down = WAYS["refused"]
    post.pass_time(2 * MINUTE, 10 * SECOND)
    post.clock.move(24 * HOUR)
    post.wechat.down = None
    post.pass_time(MINUTE, 10 * SECOND)
    assert post.states() == ["failed"]
    assert post.row().outcome.startswith("expired")
    assert post.wechat.templates == []


def test_f39_what_is_urgent_goes_by_text_message_meanwhile(post: Post) -> None:
    post.people.known["gh_1", "chen"] = "13800138011"
    for number in range(6):
        post.promise(f"p{number}", NEWS.name)
    post.wechat.down = WAYS["refused"]
    post.pass_time(30 * SECOND, 5 * SECOND)
    post.promise("chen", URGENT_EVERY_WAY.name, key="alarm")
    post.send()
    assert [phone for phone, *_ in post.sms.sent] == ["13800138011"]


def test_f39_an_urgent_one_without_a_phone_waits_and_goes_first(post: Post) -> None:
    for number in range(6):
        post.promise(f"p{number}", NEWS.name)
    post.wechat.down = WAYS["refused"]
    post.pass_time(30 * SECOND, 5 * SECOND)
    post.promise("chen", ALARM.name, key="alarm")
    post.wechat.down = None
    post.pass_time(2 * MINUTE, 5 * SECOND)
    assert post.wechat.templates[0][0] == "chen"
    assert set(post.states()) == {"sent"}


def test_f39_two_senders_share_what_they_know(post: Post) -> None:
    """The breaker is one row in the database: the second sender does not have to find out for itself."""
    for number in range(20):
        post.promise(f"p{number}", NEWS.name)
    post.wechat.down = WAYS["refused"]
    senders: list[Callable[[], int]] = [post.sender(name).send_due for name in "ab"]
    for _ in range(24):
        for send in senders:
            send()
        post.clock.move(5 * SECOND)
    assert post.wechat.calls <= 12 + 5 + 1
