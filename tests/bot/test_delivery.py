from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.delivery import Delivered, Later, Never, deliver
from bot.rendering import Renderer, RenderingFailed
from bot.wechat.errors import Consequence, WeChatError
from models.messaging.kinds import Kind
from models.messaging.tables import Outbox
from tests.support.fake_wechat import FakeWeChat, no_answer
from tests.support.words import CHAT_ONLY, DEMAND, NEWS, small_kinds, small_renderer

__all__ = ["small_kinds"]

pytestmark = pytest.mark.usefixtures("small_kinds")


@pytest.fixture
def renderer(tmp_path: Path) -> Renderer:
    return small_renderer(tmp_path / "templates")


@pytest.fixture
def wechat() -> FakeWeChat:
    return FakeWeChat()


def message(now: datetime, kind: Kind = NEWS, **changes: object) -> Outbox:
    values = {
        "id": 7,
        "account": "gh_1",
        "openid": "zhang",
        "kind": kind.name,
        "data": {"order": 1024, "problem": "水管漏水"},
        "repeatable": kind.repeatable,
        "created_at": now,
    }
    return Outbox(**{**values, **changes})


def refused(errcode: int) -> WeChatError:
    return WeChatError(errcode, "hint: [rid: 6abc]")


def test_inside_the_window_it_is_a_customer_message(wechat: FakeWeChat, renderer: Renderer, now: datetime) -> None:
    assert deliver(wechat, renderer, message(now), free=True) == Delivered("customer")
    assert wechat.texts == [("zhang", "您的报修 #1024 水管漏水\n第二行")]
    assert wechat.templates == []


def test_outside_the_window_it_is_a_template_message(wechat: FakeWeChat, renderer: Renderer, now: datetime) -> None:
    assert deliver(wechat, renderer, message(now), free=False) == Delivered("template", "9001")
    assert wechat.texts == []
    form = {"character_string1": "1024", "thing2": "您的报修 #1024 水管漏水", "time3": "2026-03-10 09:30"}
    assert wechat.templates == [("zhang", "TID", form, "outbox-7")]


@pytest.mark.parametrize("errcode", [45015, 45047])
def test_a_window_that_is_shut_after_all_falls_to_the_template_at_once(
    errcode: int, wechat: FakeWeChat, renderer: Renderer, now: datetime
) -> None:
    wechat.text_errors = [refused(errcode)]
    result = deliver(wechat, renderer, message(now), free=True)
    assert result == Delivered("template", "9001", window_closed=True)


def test_the_shut_window_is_told_also_when_the_template_fails(
    wechat: FakeWeChat, renderer: Renderer, now: datetime
) -> None:
    wechat.text_errors, wechat.template_errors = [refused(45015)], [refused(-1)]
    result = deliver(wechat, renderer, message(now), free=True)
    assert isinstance(result, Later)
    assert result.window_closed


@pytest.mark.parametrize("free", [True, False])
@pytest.mark.parametrize(("errcode", "wait"), [(-1, None), (45011, 1), (45009, 60), (40001, None)])
def test_a_busy_platform_is_asked_again_later(
    free: bool, errcode: int, wait: int | None, wechat: FakeWeChat, renderer: Renderer, now: datetime
) -> None:
    wechat.text_errors, wechat.template_errors = [refused(errcode)], [refused(errcode)]
    result = deliver(wechat, renderer, message(now, DEMAND), free=free)
    assert isinstance(result, Later)
    assert result.wait == (None if wait is None else timedelta(minutes=wait))
    assert (wechat.texts, wechat.templates) == ([], [])


@pytest.mark.parametrize("free", [True, False])
@pytest.mark.parametrize("errcode", [43004, 40003, 43019, 48002, 40037, 47003, 47001])
def test_a_final_no_is_not_argued_with(
    free: bool, errcode: int, wechat: FakeWeChat, renderer: Renderer, now: datetime
) -> None:
    wechat.text_errors, wechat.template_errors = [refused(errcode)], [refused(errcode)]
    result = deliver(wechat, renderer, message(now), free=free)
    assert isinstance(result, Never)
    assert str(errcode) in result.why
    assert "rid" in result.why


def test_no_answer_to_a_customer_message_repeats_what_does_no_harm_twice(
    wechat: FakeWeChat, renderer: Renderer, now: datetime
) -> None:
    wechat.text_errors = [no_answer()]
    assert isinstance(deliver(wechat, renderer, message(now, NEWS), free=True), Later)


def test_no_answer_to_a_customer_message_never_repeats_a_demand(
    wechat: FakeWeChat, renderer: Renderer, now: datetime
) -> None:
    wechat.text_errors = [no_answer()]
    result = deliver(wechat, renderer, message(now, DEMAND), free=True)
    assert isinstance(result, Never)
    assert result.why.startswith("unknown outcome")


def test_no_answer_to_a_template_message_repeats_with_the_same_client_id(
    wechat: FakeWeChat, renderer: Renderer, now: datetime
) -> None:
    wechat.template_errors = [no_answer()]
    assert isinstance(deliver(wechat, renderer, message(now, DEMAND), free=False), Later)
    deliver(wechat, renderer, message(now, DEMAND), free=False)
    assert wechat.templates[0][3] == "outbox-7"


def test_a_demand_that_never_left_is_tried_again(wechat: FakeWeChat, renderer: Renderer, now: datetime) -> None:
    wechat.text_errors = [WeChatError(0, "ConnectionRefused", Consequence.NOT_REACHED)]
    assert isinstance(deliver(wechat, renderer, message(now, DEMAND), free=True), Later)


def test_without_a_template_wechat_is_asked_whether_the_window_is_open(
    wechat: FakeWeChat, renderer: Renderer, now: datetime
) -> None:
    """Our ledger is a guess. A company without templates would otherwise never reach a worker who has not spoken today."""
    assert deliver(wechat, renderer, message(now, CHAT_ONLY), free=False) == Delivered("customer")
    wechat.text_errors = [refused(45015)]
    result = deliver(wechat, renderer, message(now, CHAT_ONLY), free=False)
    assert isinstance(result, Never)
    assert result.window_closed
    assert wechat.templates == []


def test_a_value_that_fits_no_form_is_not_sent(wechat: FakeWeChat, renderer: Renderer, now: datetime) -> None:
    odd = message(now, data={"order": "一千", "problem": "漏水"})
    assert isinstance(deliver(wechat, renderer, odd, free=False), Never)
    assert wechat.templates == []


def test_missing_data_is_a_bug_and_not_wechats_doing(wechat: FakeWeChat, renderer: Renderer, now: datetime) -> None:
    with pytest.raises(RenderingFailed):
        deliver(wechat, renderer, message(now, data={}), free=True)
