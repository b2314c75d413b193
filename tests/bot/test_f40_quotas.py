"""F40: quotas. The API rests until its quota is new, a reserve is kept for what comes first, staff hear of it once."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.wechat.errors import WeChatError
from models.db import Database
from models.messaging.breaker import BreakerRules, Quota
from tests.support.post import Post
from tests.support.words import ALARM, NEWS, URGENT_EVERY_WAY, every_way_renderer, small_kinds

__all__ = ["small_kinds"]

pytestmark = [pytest.mark.usefixtures("small_kinds"), pytest.mark.thorough]

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def post(database: Database, tmp_path: Path, now: datetime) -> Post:
    return Post(database, every_way_renderer(tmp_path / "templates"), now)


@pytest.mark.parametrize("errcode", [45009, 48006])
@pytest.mark.parametrize("window", [True, False])
def test_f40_a_spent_day_is_waited_for_until_midnight(post: Post, errcode: int, window: bool) -> None:
    for number in range(6):
        post.promise(f"p{number}")
        if window:
            post.open_window(f"p{number}")
    errors = post.wechat.text_errors if window else post.wechat.template_errors
    errors[:] = [WeChatError(errcode, "reach max api daily quota limit")]
    post.pass_time(2 * HOUR, 10 * MINUTE)
    assert post.wechat.calls == 1  # no hot retry: the answer holds for everybody
    assert [api for api, _ in post.people.alarms] == ["customer" if window else "template"]
    midnight = post.clock.now().replace(hour=0, minute=0) + timedelta(days=1)
    post.clock.move(midnight - post.clock.now() + SECOND)
    post.send()
    assert post.states() == ["waiting"] * 6, "nobody is woken for it"
    post.clock.move(8 * HOUR)
    post.send()
    assert post.states() == ["sent"] * 6


@pytest.mark.parametrize("window", [True, False])
def test_f40_a_full_minute_is_waited_for(post: Post, window: bool) -> None:
    for number in range(4):
        post.promise(f"p{number}")
        if window:
            post.open_window(f"p{number}")
    errors = post.wechat.text_errors if window else post.wechat.template_errors
    errors[:] = [WeChatError(45011, "api minute-quota reach limit")]
    post.pass_time(MINUTE, 5 * SECOND)
    assert post.wechat.calls == 1
    assert post.people.alarms == []
    post.pass_time(30 * SECOND, 5 * SECOND)
    assert post.states() == ["sent"] * 4


def with_quota(post: Post, **quota: int) -> None:
    post.sending = replace(post.sending, breaker=BreakerRules(quotas={"template": Quota(**quota)}))


def test_f40_our_own_count_keeps_a_reserve_for_what_is_urgent(post: Post) -> None:
    with_quota(post, per_day=10, reserve=3)
    for number in range(9):
        post.promise(f"p{number}")
    post.send()
    assert post.states().count("sent") == 7
    for number in range(4):
        post.promise(f"chen{number}", ALARM.name)
    post.send()
    assert post.states()[-4:] == ["sent", "sent", "sent", "waiting"]
    assert len(post.wechat.templates) == 10


def test_f40_our_own_minute(post: Post) -> None:
    with_quota(post, per_minute=3)
    for number in range(7):
        post.promise(f"p{number}")
    sent = []
    for _ in range(3):
        post.send()
        sent.append(len(post.wechat.templates))
        post.clock.move(MINUTE)
    assert sent == [3, 6, 7]


def test_f40_what_is_urgent_takes_another_way_while_the_day_is_spent(post: Post) -> None:
    post.people.known["gh_1", "chen"] = "13800138011"
    post.promise("zhang")
    post.wechat.template_errors = [WeChatError(45009, "")]
    post.send()
    post.promise("chen", URGENT_EVERY_WAY.name)
    post.promise("li", NEWS.name)
    post.send()
    assert len(post.sms.sent) == 1
    assert post.states() == ["waiting", "sent", "waiting"]


def test_f40_staff_hear_of_it_at_most_once_an_hour(post: Post) -> None:
    for number in range(3):
        post.promise(f"p{number}")
    post.wechat.template_errors = [WeChatError(40164, "invalid ip 1.2.3.4") for _ in range(100)]
    post.pass_time(3 * HOUR, MINUTE)
    assert len(post.people.alarms) == 3
    assert post.wechat.calls <= 3 * 12 + 1  # a stop is asked about every five minutes
    post.wechat.template_errors.clear()
    post.pass_time(20 * MINUTE, MINUTE)
    assert post.states() == ["sent"] * 3
