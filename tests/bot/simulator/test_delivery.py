"""Pushes: five seconds, three attempts, one MsgId; and what the person sees when it goes wrong."""

import threading

import pytest

from bot.clock import FixedClock
from bot.simulator import Platform
from bot.simulator.platform import BROKEN
from bot.simulator.signing import signature
from tests.bot.simulator.conftest import SETTINGS, MakePlatform, Server, inside, opened, plain_reply, sealed

ZHANG = "demo-zhang"


def screen(platform: Platform) -> list[tuple[str, str]]:
    return [(shown["direction"], shown["text"]) for shown in platform.chat(ZHANG)]


def test_a_push_is_signed_and_sealed(platform: Platform, server: Server, clock: FixedClock) -> None:
    platform.say(ZHANG, "厨房漏水")
    query, body = server.attempts[0]
    encrypted = inside(body.decode(), "Encrypt")
    assert query["signature"] == signature("AAAAA", query["timestamp"], query["nonce"])
    assert query["msg_signature"] == signature("AAAAA", query["timestamp"], query["nonce"], encrypted)
    assert (query["encrypt_type"], query["openid"]) == ("aes", ZHANG)
    assert query["timestamp"] == str(int(clock.now().timestamp()))
    assert b"<Content>" not in body
    assert inside(server.heard(), "Content") == "厨房漏水"
    assert inside(server.heard(), "FromUserName") == ZHANG
    assert inside(server.heard(), "ToUserName") == SETTINGS.account


def test_a_plain_push_carries_no_encryption(make_platform: MakePlatform, server: Server) -> None:
    make_platform(mode="plain").say(ZHANG, "你好")
    query, body = server.attempts[0]
    assert set(query) == {"signature", "timestamp", "nonce", "openid"}
    assert inside(body.decode(), "Content") == "你好"


def test_a_compatible_push_carries_both(make_platform: MakePlatform, server: Server) -> None:
    make_platform(mode="compatible").say(ZHANG, "</xml> 你好")
    body = server.attempts[0][1].decode()
    assert inside(body, "Content") == "</xml> 你好"
    assert inside(server.heard(), "Content") == "</xml> 你好"


def test_words_cannot_break_out_of_their_element(make_platform: MakePlatform, server: Server) -> None:
    make_platform(mode="plain").say(ZHANG, "]]></Content><MsgType>event")
    assert "<![CDATA[]]]]><![CDATA[></Content><MsgType>event]]>" in server.attempts[0][1].decode()


def test_silence_is_tried_three_times_with_the_same_id(platform: Platform, server: Server) -> None:
    server.answers = [ConnectionError("nobody there")]
    platform.say(ZHANG, "你好")
    assert len(server.attempts) == 3
    assert len({inside(server.heard(number), "MsgId") for number in range(3)}) == 1
    assert len({query["nonce"] for query, _body in server.attempts}) == 3
    assert screen(platform) == [("in", "你好"), ("system", BROKEN)]
    assert platform.failures[0].openid == ZHANG
    assert "ConnectionError" in platform.failures[0].reason


def test_an_answer_after_five_seconds_is_no_answer(platform: Platform, server: Server) -> None:
    server.answers = [(200, sealed(plain_reply()))]
    server.seconds_per_answer = 5.1
    platform.say(ZHANG, "你好")
    assert len(server.attempts) == 3
    assert screen(platform)[-1] == ("system", BROKEN)
    assert "5 seconds" in platform.failures[0].reason


def test_an_answer_at_five_seconds_still_counts(platform: Platform, server: Server) -> None:
    server.answers = [(200, sealed(plain_reply()))]
    server.seconds_per_answer = 5.0
    platform.say(ZHANG, "你好")
    assert screen(platform) == [("in", "你好"), ("out", "好的")]


@pytest.mark.parametrize("first", [(500, b""), (302, b""), TimeoutError()])
def test_the_second_attempt_may_save_it(platform: Platform, server: Server, first: object) -> None:
    server.answers = [first, (200, sealed(plain_reply()))]
    platform.say(ZHANG, "你好")
    assert len(server.attempts) == 2
    assert screen(platform) == [("in", "你好"), ("out", "好的")]
    assert platform.failures == []


def test_an_answer_that_is_none_is_not_asked_for_again(platform: Platform, server: Server) -> None:
    server.answers = [(200, b"<html>oops</html>")]
    platform.say(ZHANG, "你好")
    assert len(server.attempts) == 1
    assert screen(platform)[-1] == ("system", BROKEN)


@pytest.mark.parametrize("nothing", [b"", b"success"])
def test_nothing_to_say_shows_nothing(platform: Platform, server: Server, nothing: bytes) -> None:
    server.answers = [(200, nothing)]
    platform.say(ZHANG, "你好")
    assert screen(platform) == [("in", "你好")]


def test_two_messages_have_two_ids(platform: Platform, server: Server) -> None:
    platform.say(ZHANG, "一")
    platform.say(ZHANG, "一")
    assert inside(server.heard(0), "MsgId") != inside(server.heard(1), "MsgId")


def test_who_waits_for_nothing_is_not_told_of_a_failure(platform: Platform, server: Server) -> None:
    server.answers = [(500, b"")]
    platform.view_menu(ZHANG, "http://127.0.0.1:8000/m/bill")
    assert screen(platform) == []
    assert len(platform.failures) == 1


def test_in_the_background_the_words_are_on_the_screen_before_the_answer(make_platform: MakePlatform) -> None:
    answering = threading.Event()

    def wait_and_answer(url: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        assert answering.wait(5)
        return 200, sealed(plain_reply(content=f"答{inside(opened(body), 'Content')}"))

    platform = make_platform(background=True, deliver=wait_and_answer)
    platform.say(ZHANG, "一")
    platform.say(ZHANG, "二")
    assert screen(platform) == [("in", "一"), ("in", "二")]
    assert platform.courier.busy() == [ZHANG]
    answering.set()
    platform.courier.close()
    assert screen(platform)[2:] == [("out", "答一"), ("out", "答二")]
    assert platform.courier.busy() == []


def test_one_slow_person_holds_up_nobody_else(make_platform: MakePlatform) -> None:
    chen_answered = threading.Event()

    def zhang_waits_for_chen(url: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if query["openid"] == ZHANG:
            assert chen_answered.wait(5)
        else:
            chen_answered.set()
        return 200, b"success"

    platform = make_platform(background=True, deliver=zhang_waits_for_chen)
    platform.say(ZHANG, "你好")
    platform.say("demo-chen", "我的任务")
    platform.courier.close()
    assert chen_answered.is_set()
    assert platform.failures == []
