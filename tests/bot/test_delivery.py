"""Down the ladder with one parcel: what is tried, what is found out, and what becomes of the messages."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.consequences import DECISIONS, Api, Message, Person
from bot.delivery import Again, Courier, Delivered, Ended, Later, Parcel, Report
from bot.rendering import Granted, Renderer, RenderingFailed
from bot.sms import SmsError
from bot.wechat.errors import CONSEQUENCES, Consequence, WeChatError
from models.messaging.kinds import Kind, kind_named
from models.messaging.ladder import CUSTOMER, SMS, SUBSCRIPTION, TEMPLATE, Facts, Shut
from models.messaging.tables import Outbox
from tests.support.fake_wechat import FakeSms, FakeWeChat, no_answer
from tests.support.words import CHAT_ONLY, DEMAND, EVERY_WAY, NEWS, URGENT_EVERY_WAY, small_kinds, write_words

__all__ = ["small_kinds"]

pytestmark = pytest.mark.usefixtures("small_kinds")

ALL_WAYS = frozenset({TEMPLATE, SUBSCRIPTION, SMS})


@pytest.fixture
def renderer(tmp_path: Path) -> Renderer:
    ids = {"test_form": "TID"}
    return Renderer(Granted(ids, {"test_form": "SID"}, {"test_form": "1001"}), write_words(tmp_path / "templates"))


@pytest.fixture
def wechat() -> FakeWeChat:
    return FakeWeChat()


@pytest.fixture
def sms() -> FakeSms:
    return FakeSms()


@pytest.fixture
def send(wechat: FakeWeChat, sms: FakeSms, renderer: Renderer, now: datetime) -> Callable[..., Report]:
    """Sends a parcel that begins on `rung`; `facts` as far as they are not what is usual."""

    def send(rung: str, *messages: Outbox, **facts: Any) -> Report:
        kind = kind_named(messages[0].kind)
        known = {"window": rung == CUSTOMER, "ledger": True, "granted": renderer.granted(kind), "phone": True}
        parcel = Parcel(
            messages, rung, Facts(**{**known, **facts}), now + timedelta(hours=24), "13800138001", subscription_id="SID"
        )
        return Courier(wechat, renderer, sms).deliver(parcel, now)

    return send


def message(now: datetime, kind: Kind = NEWS, **changes: object) -> Outbox:
    values = {
        "id": 7,
        "account": "gh_1",
        "openid": "zhang",
        "kind": kind.name,
        "data": {"order": 1024, "problem": "水管漏水"},
        "repeatable": kind.repeatable,
        "created_at": now,
        "passed": "",
        "trail": [],
        "attempts": 1,
    }
    return Outbox(**{**values, **changes})


def refused(errcode: int) -> WeChatError:
    return WeChatError(errcode, "hint: [rid: 6abc]")


Send = Callable[..., Report]


def test_inside_the_window_it_is_a_customer_message(send: Send, wechat: FakeWeChat, now: datetime) -> None:
    assert send(CUSTOMER, message(now)).fates == {7: Delivered(CUSTOMER)}
    assert wechat.texts == [("zhang", "您的报修 #1024 水管漏水\n第二行")]
    assert wechat.templates == []


def test_several_become_one_text(send: Send, wechat: FakeWeChat, now: datetime) -> None:
    second = message(now, id=8, data={"order": 1025, "problem": "灯坏了"})
    assert send(CUSTOMER, message(now), second).fates == {7: Delivered(CUSTOMER), 8: Delivered(CUSTOMER)}
    assert wechat.texts == [("zhang", "您的报修 #1024 水管漏水\n第二行\n\n您的报修 #1025 灯坏了\n第二行")]


def test_outside_the_window_it_is_a_template_message(send: Send, wechat: FakeWeChat, now: datetime) -> None:
    assert send(TEMPLATE, message(now)).fates == {7: Delivered(TEMPLATE, "9001")}
    assert wechat.texts == []
    form = {"character_string1": "1024", "thing2": "您的报修 #1024 水管漏水", "time3": "2026-03-10 09:30"}
    assert wechat.templates == [("zhang", "TID", form, "outbox-7")]


def test_a_message_the_person_allowed_once(send: Send, wechat: FakeWeChat, now: datetime) -> None:
    assert send(SUBSCRIPTION, message(now, EVERY_WAY)).fates == {7: Delivered(SUBSCRIPTION)}
    form = {"character_string1": "1024", "thing2": "您的报修 #1024 水管漏水", "time3": "2026-03-10 09:30"}
    assert wechat.subscriptions == [("zhang", "SID", form)]


def test_a_text_message(send: Send, sms: FakeSms, now: datetime) -> None:
    assert send(SMS, message(now, EVERY_WAY)).fates == {7: Delivered(SMS, "serial-1")}
    assert sms.sent == [("13800138001", "1001", ("#1024", "您的报修 #1024 水管漏水"))]


@pytest.mark.parametrize("errcode", [45015, 45047])
def test_a_window_that_is_shut_after_all_falls_to_the_template_at_once(
    errcode: int, send: Send, wechat: FakeWeChat, now: datetime
) -> None:
    wechat.text_errors = [refused(errcode)]
    report = send(CUSTOMER, message(now), message(now, id=8))
    assert report.fates == {7: Delivered(TEMPLATE, "9001"), 8: Again()}
    assert Person.WINDOW_SHUT in report.person


def test_the_whole_way_down(send: Send, wechat: FakeWeChat, sms: FakeSms, now: datetime) -> None:
    wechat.text_errors, wechat.template_errors = [refused(45015)], [refused(40037)]
    wechat.subscription_errors = [refused(43101)]
    sms.errors = [SmsError("LimitExceeded.PhoneNumberDailyLimit", "", Consequence.FIELD_INVALID)]
    report = send(CUSTOMER, message(now, URGENT_EVERY_WAY), consent=True)
    assert report.fates == {7: Ended("LimitExceeded.PhoneNumberDailyLimit FIELD_INVALID: ", by_hand=True)}
    assert [rung for rung, _ in report.trail] == [CUSTOMER, TEMPLATE, SUBSCRIPTION, SMS]
    assert report.passed == [TEMPLATE, SUBSCRIPTION, SMS]  # not the customer message: the window may open again


def test_who_is_not_reached_by_wechat_gets_a_text_message(
    send: Send, wechat: FakeWeChat, sms: FakeSms, now: datetime
) -> None:
    wechat.template_errors = [refused(43004)]
    report = send(TEMPLATE, message(now, EVERY_WAY), consent=True)
    assert report.fates == {7: Delivered(SMS, "serial-1")}
    assert wechat.subscriptions == []  # the same person, the same WeChat
    assert Person.UNREACHABLE in report.person


def test_a_rung_that_is_shut_is_stepped_over_or_waited_for(send: Send, wechat: FakeWeChat, now: datetime) -> None:

    wechat.text_errors = [refused(45015)]
    until = now + timedelta(minutes=5)
    report = send(CUSTOMER, message(now), shut={TEMPLATE: Shut(until, why="breaker")})
    assert report.fates == {7: Later("breaker", until)}


def test_no_answer_to_a_customer_message_repeats_what_does_no_harm_twice(
    send: Send, wechat: FakeWeChat, now: datetime
) -> None:
    wechat.text_errors = [no_answer()]
    assert isinstance(send(CUSTOMER, message(now, NEWS)).fates[7], Later)


def test_no_answer_to_a_customer_message_never_repeats_a_demand(send: Send, wechat: FakeWeChat, now: datetime) -> None:
    wechat.text_errors = [no_answer()]
    fates = send(CUSTOMER, message(now, DEMAND), message(now, NEWS, id=8)).fates
    assert isinstance(fates[7], Ended)
    assert fates[7].why.startswith("unknown outcome")
    assert isinstance(fates[8], Later)


def test_no_answer_to_a_template_message_repeats_with_the_same_client_id(
    send: Send, wechat: FakeWeChat, now: datetime
) -> None:
    wechat.template_errors = [no_answer()]
    assert isinstance(send(TEMPLATE, message(now, DEMAND)).fates[7], Later)
    send(TEMPLATE, message(now, DEMAND))
    assert wechat.templates[0][3] == "outbox-7"


def test_a_second_try_after_a_reported_failure_is_a_message_of_its_own(
    send: Send, wechat: FakeWeChat, now: datetime
) -> None:
    """With the id of the first WeChat would say that it has sent it already."""
    send(TEMPLATE, message(now, trail=[["09:29", TEMPLATE, "failed: system failed"]]))
    assert wechat.templates[0][3] == "outbox-7-1"


def test_a_demand_that_never_left_is_tried_again(send: Send, wechat: FakeWeChat, now: datetime) -> None:
    wechat.text_errors = [WeChatError(0, "ConnectionRefused", Consequence.NOT_REACHED)]
    assert isinstance(send(CUSTOMER, message(now, DEMAND)).fates[7], Later)


def test_without_books_and_without_a_template_wechat_is_asked(send: Send, wechat: FakeWeChat, now: datetime) -> None:
    """Our ledger is a guess. A company without templates would otherwise never reach a worker it has no books about."""
    wechat.text_errors = [refused(45015)]
    report = send(CUSTOMER, message(now, CHAT_ONLY), window=False, ledger=False)
    assert report.fates == {7: Again()}  # to be parked until the person writes, now that the books say so
    assert Person.WINDOW_SHUT in report.person


def test_a_value_that_fits_no_form_takes_the_next_rung(send: Send, wechat: FakeWeChat, now: datetime) -> None:
    odd = message(now, EVERY_WAY, data={"order": "一千", "problem": "漏水"})
    assert send(TEMPLATE, odd).fates == {7: Delivered(SMS, "serial-1")}
    assert wechat.templates == []


def test_missing_data_is_a_bug_and_not_wechats_doing(send: Send, now: datetime) -> None:
    with pytest.raises(RenderingFailed):
        send(CUSTOMER, message(now, data={}))


# What becomes of the message, of the API, of the person: every code of the platform, one line each (reference 3.8).
AGAIN, NEXT, SAME = Later, Delivered, Again
TABLE: dict[int, tuple[Message, Api, Person | None, bool]] = {
    -1: (Message.AGAIN, Api.ANSWERED, None, False),
    **dict.fromkeys((40001, 40014, 42001), (Message.AGAIN, Api.SILENT, None, True)),
    **dict.fromkeys((40013, 40125, 40164, 50002), (Message.AGAIN, Api.STOPPED, None, True)),
    **dict.fromkeys((48004, 48001, 40200), (Message.NEXT, Api.TAKEN_AWAY, None, True)),
    **dict.fromkeys((40003, 43004, 43019, 48002), (Message.NEXT, Api.ANSWERED, Person.UNREACHABLE, False)),
    **dict.fromkeys((45015, 45047), (Message.NEXT_FOR_NOW, Api.ANSWERED, Person.WINDOW_SHUT, False)),
    43101: (Message.NEXT, Api.ANSWERED, Person.NO_CONSENT, False),
    45011: (Message.AGAIN, Api.MINUTE_FULL, None, False),
    **dict.fromkeys((45009, 48006), (Message.AGAIN, Api.DAY_FULL, None, True)),
    45028: (Message.NEXT, Api.ANSWERED, None, True),
    45065: (Message.SENT, Api.ANSWERED, None, False),
    40037: (Message.NEXT, Api.TEMPLATE_OFF, None, True),
    **dict.fromkeys(
        (47003, 45002, 40007, 40029, 40163, 42003, 44002, 44003, 44004, 45008, 47001),
        (Message.NEXT, Api.ANSWERED, None, False),
    ),
}


def test_the_table_knows_every_code() -> None:
    assert TABLE.keys() == CONSEQUENCES.keys()
    assert DECISIONS.keys() == set(Consequence)


@pytest.mark.parametrize("errcode", sorted(TABLE))
def test_every_code_has_its_consequence(errcode: int, send: Send, wechat: FakeWeChat, now: datetime) -> None:
    what, api, person, alarm = TABLE[errcode]
    wechat.template_errors = [refused(errcode)]
    report = send(TEMPLATE, message(now, EVERY_WAY))
    finding = report.findings[0]
    assert (finding.rung, finding.effect, finding.template, finding.alarm) == (TEMPLATE, api, "test_form", alarm)
    assert set(report.person) == ({person} if person else set())
    fate = report.fates[7]
    match what:
        case Message.SENT:
            assert fate == Delivered(TEMPLATE)
        case Message.AGAIN:
            assert isinstance(fate, Later)
            assert str(errcode) in fate.why
            assert "rid" in fate.why
        case Message.NEXT_FOR_NOW:
            assert fate == Delivered(
                TEMPLATE, "9001"
            )  # the second call: as far as the table goes it may be the same rung
        case _:
            assert fate == Delivered(SMS, "serial-1")
            assert report.passed == [TEMPLATE]
