"""F42: people WeChat does not reach, templates that are gone, windows that are shut. A final no is not argued with: the next
way is taken, the person is flagged, and at the end of the ladder staff get a list."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.wechat.errors import WeChatError
from models.db import Database
from models.messaging import contacts, reports, windows
from models.messaging.tables import Conversation
from tests.support.post import Post
from tests.support.words import ALARM, CHAT_ONLY, EVERY_WAY, URGENT_EVERY_WAY, every_way_renderer, small_kinds

__all__ = ["small_kinds"]

pytestmark = [pytest.mark.usefixtures("small_kinds"), pytest.mark.thorough]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ZHANG = ("gh_1", "zhang")


@pytest.fixture
def post(database: Database, tmp_path: Path, now: datetime) -> Post:
    return Post(database, every_way_renderer(tmp_path / "templates"), now)


def unreachable(post: Post) -> str:
    with post.database.transaction() as session:
        return contacts.locked(session, [ZHANG])[ZHANG].unreachable


@pytest.mark.parametrize("errcode", [43004, 40003, 43019, 48002])
@pytest.mark.parametrize("window", [True, False])
def test_f42_who_is_out_of_reach_is_flagged_and_gets_a_text_message(post: Post, errcode: int, window: bool) -> None:
    post.people.known[ZHANG] = "13800138001"
    if window:
        post.open_window()
    errors = post.wechat.text_errors if window else post.wechat.template_errors
    errors[:] = [WeChatError(errcode, "no")]
    post.promise(kind=EVERY_WAY.name)
    post.send()
    assert [(row.state, row.channel) for row in post.rows()] == [("sent", "sms")]
    assert str(errcode) in unreachable(post)
    assert post.people.alarms == []  # somebody who leaves is no emergency
    post.promise(kind=EVERY_WAY.name, key="2")
    post.send()
    assert (post.wechat.calls, len(post.sms.sent)) == (1, 2)  # WeChat is not asked again


def test_f42_who_speaks_again_is_reached_again(post: Post) -> None:
    post.wechat.template_errors = [WeChatError(43004, "require subscribe")]
    post.promise(kind=EVERY_WAY.name)
    post.send()
    assert post.states() == ["untold"]
    with post.database.transaction() as session:
        conversation = session.get_one(Conversation, ZHANG)
        windows.open_by(conversation, "message", post.clock.now())
        windows.heard_of(session, conversation, post.clock.now())
    post.promise(kind=EVERY_WAY.name, key="2")
    post.send()
    assert post.states() == ["untold", "sent"]


@pytest.mark.parametrize("errcode", [45015, 45047])
def test_f42_a_shut_window_is_noted_and_a_template_goes(post: Post, errcode: int) -> None:
    post.open_window(left=4)
    post.wechat.text_errors = [WeChatError(errcode, "no")]
    post.promise(kind=EVERY_WAY.name)
    post.send()
    assert (post.row().channel, post.left()) == ("template", 0)
    post.promise(kind=EVERY_WAY.name, key="2")
    post.send()
    assert len(post.wechat.templates) == 2


def test_f42_a_template_that_is_gone_is_asked_for_once_and_staff_are_told(post: Post) -> None:
    for number in range(5):
        post.people.known["gh_1", f"p{number}"] = f"1380013800{number}"
        post.promise(f"p{number}", EVERY_WAY.name)
    post.wechat.template_errors = [WeChatError(40037, "invalid template_id") for _ in range(9)]
    post.send()
    assert post.wechat.calls == 1
    assert len(post.sms.sent) == 5
    assert [api for api, _ in post.people.alarms] == ["template:test_form"]


def test_f42_without_any_way_left_staff_get_it_at_once_if_it_is_urgent(post: Post) -> None:
    post.open_window(left=0)
    post.wechat.template_errors = [WeChatError(40037, "")]
    post.promise(kind=URGENT_EVERY_WAY.name)
    post.send()
    assert post.states() == ["untold"]


def test_f42_what_can_only_be_said_in_the_chat_waits_for_the_person(post: Post) -> None:
    post.open_window(left=0)
    post.promise(kind=CHAT_ONLY.name)
    post.send()
    assert (post.states(), post.wechat.calls) == (["parked"], 0)
    with post.database.transaction() as session:
        conversation = session.get_one(Conversation, ZHANG)
        windows.open_by(conversation, "message", post.clock.now() + HOUR)
        windows.heard_of(session, conversation, post.clock.now() + HOUR)
    post.clock.move(HOUR)
    post.send()
    assert (post.states(), len(post.wechat.texts)) == (["sent"], 1)


def test_f42_and_is_worth_nothing_after_a_day(post: Post) -> None:
    post.open_window(left=0)
    post.promise(kind=CHAT_ONLY.name)
    post.send()
    post.clock.move(24 * HOUR)
    post.send()
    assert (post.states(), post.wechat.calls) == (["failed"], 0)


@pytest.mark.parametrize("phone", ["13800138001", ""])
def test_f42_a_block_that_is_reported_later_takes_the_next_way(post: Post, phone: str) -> None:
    if phone:
        post.people.known[ZHANG] = phone
    post.open_window(left=0)
    post.promise(kind=EVERY_WAY.name)
    post.send()
    with post.database.transaction() as session:
        reports.note_delivery(session, "gh_1", "9001", "failed:user block", post.clock.now())
    post.send()
    row = post.row()
    assert (row.state, row.channel) == (("sent", "sms") if phone else ("untold", ""))
    assert unreachable(post) == "failed:user block"
    with post.database.transaction() as session:
        reports.note_delivery(session, "gh_1", "9001", "success", post.clock.now())
    assert post.row().state == row.state  # late news about a way given up since changes nothing


def test_f42_an_alarm_is_urgent_but_has_no_other_way(post: Post) -> None:
    post.wechat.template_errors = [WeChatError(43004, "")]
    post.promise(kind=ALARM.name)
    post.send()
    post.clock.move(MINUTE)
    post.send()
    assert (post.states(), post.wechat.calls) == (["failed"], 1)
