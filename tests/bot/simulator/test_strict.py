"""A call that is not exactly what the documentation allows is refused, with the platform's own code."""

import json
from typing import Any

import pytest

from bot.simulator import Platform
from bot.simulator.api import CALLS
from tests.bot.simulator.conftest import GOOD_DATA, Api

ZHANG = "demo-zhang"
CUSTOM = "/cgi-bin/message/custom/send"
TEXT = {"touser": ZHANG, "msgtype": "text", "text": {"content": "您好"}}

REFUSED: list[tuple[str, Any, int]] = [
    (CUSTOM, b"", 44002),
    (CUSTOM, b"{", 47001),
    (CUSTOM, b"[]", 47001),
    (CUSTOM, '{"touser": "张"}'.encode("gbk"), 47001),
    (CUSTOM, {**TEXT, "extra": {}}, 47001),
    (CUSTOM, {**TEXT, "extra": "x"}, 47001),
    (CUSTOM, {**TEXT, "image": {"media_id": "m"}}, 47001),
    (CUSTOM, {"touser": ZHANG, "msgtype": "text"}, 47001),
    (CUSTOM, {**TEXT, "touser": 7}, 47001),
    (CUSTOM, {**TEXT, "touser": "nobody"}, 40003),
    (CUSTOM, {**TEXT, "msgtype": "shout"}, 40008),
    (CUSTOM, {**TEXT, "text": {"content": "您好", "colour": "red"}}, 47001),
    (CUSTOM, {**TEXT, "text": {"content": " "}}, 44004),
    (CUSTOM, {**TEXT, "text": {"content": "修" * 683}}, 45002),
    (CUSTOM, {"touser": ZHANG, "msgtype": "image", "image": {"media_id": "none"}}, 40007),
    (CUSTOM, {"touser": ZHANG, "msgtype": "news", "news": {"articles": [{"title": "a", "url": "b"}] * 2}}, 45008),
    (CUSTOM, {"touser": ZHANG, "msgtype": "msgmenu", "msgmenu": {"head_content": "选", "list": [{"id": 1}]}}, 47001),
    ("/cgi-bin/qrcode/create", {"action_name": "QR_STR_SCENE"}, 47001),
    ("/cgi-bin/qrcode/create", {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"id": 1}}}, 47001),
    ("/cgi-bin/tags/create", {"tag": "业主"}, 47001),
    ("/cgi-bin/tags/members/batchtagging", {"openid_list": ["demo-zhang", 7], "tagid": 100}, 47001),
    ("/cgi-bin/tags/members/batchtagging", {"openid_list": ["demo-zhang"], "tagid": True}, 47001),
    ("/cgi-bin/openapi/quota/get", {}, 47001),
    ("/cgi-bin/menu/create", {"button": [{"name": "报修", "type": "click", "key": "a", "colour": "red"}]}, 47001),
]


@pytest.mark.parametrize(("path", "body", "errcode"), REFUSED)
def test_a_call_with_a_wrong_body_is_refused(api: Api, platform: Platform, path: str, body: Any, errcode: int) -> None:
    platform.say(ZHANG, "报修")
    shown = len(platform.chat(ZHANG))
    answer = api.post(path, body)
    assert answer["errcode"] == errcode
    assert "rid: " in answer["errmsg"]
    assert len(platform.chat(ZHANG)) == shown


def test_a_refused_message_costs_no_quota(api: Api, platform: Platform) -> None:
    platform.say(ZHANG, "报修")
    api.post(CUSTOM, {**TEXT, "extra": {}})
    api.post(CUSTOM, {**TEXT, "text": {"content": ""}})
    assert platform.windows.left(ZHANG, platform.clock.now()) == 5


def test_the_field_at_fault_is_named(api: Api) -> None:
    assert "[text.colour] is unknown" in api.post(CUSTOM, {**TEXT, "text": {"content": "a", "colour": ""}})["errmsg"]
    assert "[touser] is missing" in api.post(CUSTOM, {"msgtype": "text", "text": {"content": "a"}})["errmsg"]


def test_every_call_insists_on_its_method(api: Api) -> None:
    for path, call in CALLS.items():
        wrong = "GET" if call.method == "POST" else "POST"
        answer = json.loads(api.raw(wrong, path).get_data())
        assert answer["errcode"] == (43002 if wrong == "GET" else 43001), path


def test_every_call_that_needs_a_token_asks_for_it(api: Api) -> None:
    for path, call in CALLS.items():
        if call.token:
            answer = json.loads(Api(api.client).raw(call.method, path).get_data())
            assert answer["errcode"] == 41001, path


def test_an_unknown_query_field_is_refused(api: Api) -> None:
    assert api.get("/cgi-bin/user/info", openid=ZHANG, verbose="1")["errcode"] == 47001


def test_an_unknown_call_is_refused(api: Api) -> None:
    assert api.get("/cgi-bin/no/such/call")["errcode"] == 89503


def test_escaped_chinese_works_but_is_flagged(api: Api, platform: Platform) -> None:
    platform.say(ZHANG, "报修")
    assert api.post(CUSTOM, json.dumps(TEXT, ensure_ascii=True).encode())["errcode"] == 0
    assert platform.flags == [f"{CUSTOM}: Chinese was sent as \\uXXXX"]


def test_chinese_as_it_is_is_not_flagged(api: Api, platform: Platform) -> None:
    api.send_template(data=GOOD_DATA)
    assert platform.flags == []


def test_errors_come_with_status_200(api: Api) -> None:
    answer = api.raw("POST", CUSTOM, data=b"")
    assert answer.status_code == 200
    assert answer.content_type == "application/json; charset=utf-8"
