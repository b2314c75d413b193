"""WeChat's codes and what follows from them (reference 3.8)."""

import pytest

from bot.wechat.errors import CONSEQUENCES, REDACT_PATTERN, Consequence, WeChatError, masked

TABLE = "-1 40001 40014 42001 40125 40013 40164 40003 40037 40029 40163 42003 43004 43019 43101 44002 44003 44004 47001 45002"
TABLE += " 45008 45009 48006 45011 45015 45028 45047 45065 47003 48001 48002 48004 50002 40200 40007"


def test_every_code_of_the_reference_has_a_consequence():
    assert set(CONSEQUENCES) == {int(code) for code in TABLE.split()}


@pytest.mark.parametrize(
    "errcode", [40003, 43004, 43019, 45015, 45047, 47003, 43101, 40037, 48001, 48004, 45002, 44002]
)
def test_sending_the_same_again_is_pointless_after(errcode):
    assert WeChatError(errcode, "").permanent


@pytest.mark.parametrize("errcode", [-1, 40001, 40164, 40125, 45009, 45011, 50002])
def test_sending_the_same_later_may_work_after(errcode):
    assert not WeChatError(errcode, "").permanent


def test_a_code_nobody_knows_is_our_mistake_and_not_repeated():
    error = WeChatError(99999, "surprise")
    assert error.consequence is Consequence.OUR_MISTAKE
    assert error.permanent


@pytest.mark.parametrize(
    "text",
    [
        "https://x/cgi-bin/token?appid=wx1&secret=HIDDEN&x=1",
        "/cgi-bin/menu/create?access_token=HIDDEN HTTP/1.1",
        '{"secret": "HIDDEN", "force": false}',
        "{'access_token': 'HIDDEN'}",
        "jsapi_ticket=HIDDEN&noncestr=a",
        "secret = HIDDEN",
        "openid oHIDDENHIDDENHIDDENHIDDEN123 is invalid",
    ],
)
def test_no_secret_survives_in_a_text(text):
    assert "HIDDEN" not in masked(text)
    assert "HIDDEN" not in str(WeChatError(40001, text))


def test_the_pattern_keeps_what_is_around_the_secret():
    text = "GET /cgi-bin/user/info?access_token=abc_-123&openid=o1"
    assert REDACT_PATTERN.sub(r"\1***", text) == "GET /cgi-bin/user/info?access_token=***&openid=o1"


def test_the_number_to_ask_wechat_about_stays():
    text = "invalid credential rid: 655f0f21-1f4c8a3b-0a1b2c3d"
    assert masked(text) == text
