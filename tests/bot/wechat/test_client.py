"""What is asked of WeChat, and what its answers lead to."""

import json

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from bot.wechat.client import WeChatClient
from bot.wechat.errors import CONSEQUENCES, Consequence, WeChatError
from tests.bot.wechat.pretend import API, OK, ListedTokens, PretendWeChat, Raw, refused


def client(wechat, tokens=None, pauses=None):
    pauses = [] if pauses is None else pauses
    return WeChatClient("wx1", "s3cret", tokens or ListedTokens(), API, wechat.session(), pause=pauses.append)


# Each call with the address and the body it must make: (call, WeChat's answer, path, body).
CALLS = {
    "text": (
        lambda c: c.send_text("o1", "您好"),
        OK,
        "/cgi-bin/message/custom/send",
        {"touser": "o1", "msgtype": "text", "text": {"content": "您好"}},
    ),
    "image": (
        lambda c: c.send_image("o1", "M1"),
        OK,
        "/cgi-bin/message/custom/send",
        {"touser": "o1", "msgtype": "image", "image": {"media_id": "M1"}},
    ),
    "menu message": (
        lambda c: c.send_menu("o1", "修好了吗？", [("1", "好了"), ("2", "没有")], "谢谢"),
        OK,
        "/cgi-bin/message/custom/send",
        {
            "touser": "o1",
            "msgtype": "msgmenu",
            "msgmenu": {
                "head_content": "修好了吗？",
                "list": [{"id": "1", "content": "好了"}, {"id": "2", "content": "没有"}],
                "tail_content": "谢谢",
            },
        },
    ),
    "template": (
        lambda c: c.send_template("o1", "T1", {"thing1": "水管"}, "https://x", "outbox-7"),
        {**OK, "msgid": 200163836},
        "/cgi-bin/message/template/send",
        {
            "touser": "o1",
            "template_id": "T1",
            "data": {"thing1": {"value": "水管"}},
            "url": "https://x",
            "client_msg_id": "outbox-7",
        },
    ),
    "bare template": (
        lambda c: c.send_template("o1", "T1", {"thing1": "水管"}),
        {**OK, "msgid": 1},
        "/cgi-bin/message/template/send",
        {"touser": "o1", "template_id": "T1", "data": {"thing1": {"value": "水管"}}},
    ),
    "subscription": (
        lambda c: c.send_subscription("o1", "S1", {"thing1": "水管"}, "https://x"),
        OK,
        "/cgi-bin/message/subscribe/bizsend",
        {"touser": "o1", "template_id": "S1", "page": "https://x", "data": {"thing1": {"value": "水管"}}},
    ),
    "lasting QR code": (
        lambda c: c.create_qrcode("A1"),
        {"ticket": "K", "url": "http://weixin.qq.com/q/1"},
        "/cgi-bin/qrcode/create",
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "A1"}}},
    ),
    "passing QR code": (
        lambda c: c.create_qrcode("A1", 600),
        {"ticket": "K", "url": "http://weixin.qq.com/q/1", "expire_seconds": 600},
        "/cgi-bin/qrcode/create",
        {"action_name": "QR_STR_SCENE", "expire_seconds": 600, "action_info": {"scene": {"scene_str": "A1"}}},
    ),
    "menu": (
        lambda c: c.create_menu({"button": [{"type": "click", "name": "报修", "key": "repair"}]}),
        OK,
        "/cgi-bin/menu/create",
        {"button": [{"type": "click", "name": "报修", "key": "repair"}]},
    ),
}


@pytest.mark.parametrize(
    ("call", "answer", "path", "body"), [pytest.param(*case, id=name) for name, case in CALLS.items()]
)
def test_a_call_is_made_as_wechat_wants_it(call, answer, path, body):
    wechat = PretendWeChat(answer)
    call(client(wechat))
    assert wechat.paths() == [path]
    assert wechat.query() == {"access_token": "T1"}
    assert wechat.body() == body
    assert wechat.options[0]["timeout"] == (3.0, 5.0)


def test_chinese_is_sent_as_it_is():
    wechat = PretendWeChat(OK)
    client(wechat).send_text("o1", "漏水\u2028😭")
    assert "漏水\u2028😭".encode() in wechat.asked[0].body


def test_answers_come_back_as_plain_values():
    assert client(PretendWeChat({**OK, "msgid": 200163836})).send_template("o", "T", {}) == "200163836"
    assert client(PretendWeChat({"ticket": "K", "url": "U"})).create_qrcode("A1") == ("K", "U")
    wechat = PretendWeChat({"subscribe": 1, "openid": "o1"})
    assert client(wechat).user_info("o1")["subscribe"] == 1
    assert wechat.query() == {"access_token": "T1", "openid": "o1"}


@pytest.mark.parametrize(("scene", "seconds"), [("", None), ("x" * 65, None), ("A1", 0), ("A1", 2_592_001), ("A1", -1)])
def test_a_qr_code_beyond_the_limits_is_not_even_asked_for(scene, seconds):
    wechat = PretendWeChat()
    with pytest.raises(ValueError, match=r"scene|code"):
        client(wechat).create_qrcode(scene, seconds)
    assert wechat.asked == []


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_refused_token_is_renewed_once_and_the_call_repeated_once(errcode):
    wechat, tokens = PretendWeChat(refused(errcode), OK), ListedTokens()
    client(wechat, tokens).send_text("o1", "您好")
    assert tokens.renewed == ["T1"]
    assert [wechat.query(0)["access_token"], wechat.query(1)["access_token"]] == ["T1", "T2"]
    assert wechat.body(0) == wechat.body(1)


def test_a_token_refused_twice_is_an_error_and_no_endless_story():
    wechat, tokens = PretendWeChat(*[refused(40001)] * 5), ListedTokens()
    with pytest.raises(WeChatError) as error:
        client(wechat, tokens).send_text("o1", "您好")
    assert len(wechat.asked) == 2
    assert tokens.renewed == ["T1"]
    assert error.value.errcode == 40001
    assert not error.value.permanent


def test_when_wechat_is_busy_a_harmless_call_is_made_three_times_in_all():
    pauses: list[float] = []
    wechat = PretendWeChat(refused(-1), refused(-1), {**OK, "msgid": 5})
    assert client(wechat, pauses=pauses).send_template("o1", "T1", {}, client_msg_id="m1") == "5"
    assert pauses == [0.2, 0.6]
    wechat = PretendWeChat(*[refused(-1)] * 5)
    with pytest.raises(WeChatError):
        client(wechat).create_menu({"button": []})
    assert len(wechat.asked) == 3


@pytest.mark.parametrize(
    "call",
    [lambda c: c.send_text("o1", "您好"), lambda c: c.send_template("o1", "T1", {}), CALLS["subscription"][0]],
    ids=["text", "template without an id", "subscription"],
)
def test_when_wechat_is_busy_what_might_arrive_twice_is_not_repeated(call):
    wechat = PretendWeChat(refused(-1), OK)
    with pytest.raises(WeChatError) as error:
        call(client(wechat))
    assert len(wechat.asked) == 1
    assert error.value.consequence is Consequence.BUSY


def test_a_storm_of_refusals_ends():
    wechat = PretendWeChat(refused(-1), refused(40001), refused(-1), refused(42001), refused(-1), refused(-1))
    with pytest.raises(WeChatError):
        client(wechat).create_menu({"button": []})
    assert len(wechat.asked) == 4


UNKNOWN = {
    "no answer in time": requests.ReadTimeout("https://api.test?access_token=T1"),
    "connection lost": requests.ConnectionError(ProtocolError("Connection aborted.")),
    "broken off": requests.exceptions.ChunkedEncodingError(),
    "a gateway's page": Raw(b"<html>Bad Gateway</html>", 502),
    "a gateway's JSON": Raw(b'{"error":"bad gateway"}', 502, "application/json"),
    "half a body": Raw(b'{"errcode":0,"err', 200, "application/json"),
    "a list": Raw(b"[]"),
    "nothing": Raw(b""),
    "an errcode of letters": Raw(b'{"errcode":"zero"}'),
    "a deep body": Raw(b"[" * 100_000),
    "a redirect": Raw(b"", 302),
    "no UTF-8": Raw(b'{"errcode":\xff}'),
}


@pytest.mark.parametrize("answer", [pytest.param(answer, id=name) for name, answer in UNKNOWN.items()])
def test_without_a_proper_answer_the_outcome_is_unknown_and_nothing_is_repeated(answer):
    wechat = PretendWeChat(answer, OK)
    with pytest.raises(WeChatError) as error:
        client(wechat).send_template("o1", "T1", {}, client_msg_id="m1")
    assert len(wechat.asked) == 1
    assert error.value.outcome_unknown
    assert not error.value.permanent
    assert "T1" not in error.value.text


@pytest.mark.parametrize(
    "failure",
    [
        requests.ConnectTimeout(),
        requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "refused"))),  # type: ignore[arg-type]
    ],
    ids=["timeout", "refused"],
)
def test_without_a_connection_nothing_has_happened(failure):
    with pytest.raises(WeChatError) as error:
        client(PretendWeChat(failure)).send_text("o1", "您好")
    assert error.value.consequence is Consequence.NOT_REACHED
    assert not error.value.outcome_unknown


@pytest.mark.parametrize("errcode", [code for code in CONSEQUENCES if code not in (-1, 40001, 40014, 42001, 45065)])
def test_every_other_code_is_told_at_once(errcode):
    wechat, tokens = PretendWeChat(refused(errcode)), ListedTokens()
    with pytest.raises(WeChatError) as error:
        client(wechat, tokens).send_template("o1", "T1", {}, client_msg_id="m1")
    assert (error.value.errcode, error.value.consequence) == (errcode, CONSEQUENCES[errcode])
    assert "rid: 655f0f21-1f4c8a3b-0a1b2c3d" in error.value.text
    assert tokens.renewed == []


def test_what_wechat_has_already_is_a_success_with_its_id():
    answer = {**refused(45065), "msg_id": 77}
    assert client(PretendWeChat(answer)).send_template("o1", "T1", {}, client_msg_id="m1") == "77"


def test_a_promised_value_that_is_missing_is_an_unknown_outcome():
    for answer in ({}, {"ticket": "K"}, {"ticket": 5, "url": "U"}):
        with pytest.raises(WeChatError) as error:
            client(PretendWeChat(answer)).create_qrcode("A1")
        assert error.value.outcome_unknown


def test_an_upload_that_is_repeated_carries_the_whole_file_again():
    wechat = PretendWeChat(refused(40001), refused(-1), {"type": "image", "media_id": "M9", "created_at": 1})
    data = bytes(range(256)) * 4
    assert client(wechat).upload_media("image", data, "leak.jpg") == "M9"
    assert wechat.query() == {"access_token": "T2", "type": "image"}
    assert len(wechat.asked) == 3
    for request in wechat.asked:
        assert data in request.body
        assert b'name="media"; filename="leak.jpg"' in request.body


def test_a_thumb_has_its_own_id():
    assert client(PretendWeChat({"thumb_media_id": "M1"})).upload_media("thumb", b"x", "a.jpg") == "M1"


def test_a_file_is_downloaded_with_its_type():
    wechat = PretendWeChat(Raw(b"\xff\xd8" * 100_000, content_type="image/jpeg"))
    assert client(wechat).download_media("M1", 200_000) == (b"\xff\xd8" * 100_000, "image/jpeg")
    assert wechat.query() == {"access_token": "T1", "media_id": "M1"}
    assert wechat.options[0]["stream"] is True


def test_a_download_stops_at_its_limit():
    body = Raw(bytes(10_000_000), content_type="image/jpeg")
    with pytest.raises(WeChatError) as error:
        client(PretendWeChat(body)).download_media("M1", 199_999)
    assert error.value.consequence is Consequence.TOO_LONG


@pytest.mark.parametrize("content_type", ["application/json; encoding=utf-8", "text/plain"])
def test_an_error_is_not_mistaken_for_a_picture(content_type):
    answer = Raw(json.dumps(refused(40007, "invalid media_id")).encode(), content_type=content_type)
    with pytest.raises(WeChatError) as error:
        client(PretendWeChat(answer)).download_media("M1", 1000)
    assert error.value.consequence is Consequence.MEDIA_GONE


def test_a_download_renews_a_refused_token():
    tokens = ListedTokens()
    wechat = PretendWeChat(refused(42001), Raw(b"amr", content_type="audio/amr"))
    assert client(wechat, tokens).download_media("M1", 1000) == (b"amr", "audio/amr")
    assert tokens.renewed == ["T1"]


def test_a_video_is_fetched_from_its_own_address_without_the_token():
    wechat = PretendWeChat({"video_url": "http://video.test/v.mp4"}, Raw(b"mp4", content_type="video/mp4"))
    assert client(wechat).download_media("M1", 1000) == (b"mp4", "video/mp4")
    assert wechat.asked[1].url == "http://video.test/v.mp4"


def test_a_file_that_does_not_come_is_worth_another_try():
    with pytest.raises(WeChatError) as error:
        client(PretendWeChat(Raw(b"", 503, "image/jpeg"))).download_media("M1", 1000)
    assert not error.value.permanent
