"""Template and subscription messages: fields by kind and length, followers only, once per client_msg_id, with consent."""

from datetime import timedelta
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.simulator import MessageTemplate, Platform
from bot.simulator.errors import ApiError
from bot.simulator.templates import check_data
from tests.bot.simulator.conftest import GOOD_DATA, Api, Server, inside

ZHANG = "demo-zhang"


def test_a_card_appears_and_its_end_is_reported(api: Api, platform: Platform, server: Server) -> None:
    answer = api.send_template(url="http://127.0.0.1:8000/m/order/1024")
    card = platform.chat(ZHANG)[-1]
    assert (card["kind"], card["text"], card["direction"]) == ("template", "新的维修任务", "out")
    assert card["fields"][1] == ["问题", "厨房水管漏水了"]
    assert card["url"] == "http://127.0.0.1:8000/m/order/1024"
    assert server.attempts == []
    platform.deliver_pending()
    assert inside(server.heard(), "Event") == "TEMPLATESENDJOBFINISH"
    assert inside(server.heard(), "MsgID") == str(answer["msgid"])
    assert inside(server.heard(), "Status") == "success"


def test_no_window_is_needed(api: Api) -> None:
    assert api.send_text(ZHANG) == 45015
    assert api.send_template()["errcode"] == 0


def test_only_followers_get_one(api: Api, platform: Platform) -> None:
    platform.unfollow(ZHANG)
    assert api.send_template()["errcode"] == 43004


def test_the_same_client_id_sends_once_in_ten_minutes(api: Api, platform: Platform, clock: FixedClock) -> None:
    first = api.send_template(client_msg_id="outbox-7")
    clock.move(timedelta(minutes=9))
    assert api.send_template(client_msg_id="outbox-7")["msgid"] == first["msgid"]
    assert api.send_template("demo-chen", client_msg_id="outbox-7")["msgid"] != first["msgid"]
    assert len(platform.chat(ZHANG)) == 1
    clock.move(timedelta(minutes=1))
    api.send_template(client_msg_id="outbox-7")
    assert len(platform.chat(ZHANG)) == 2


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"touser": "nobody"}, 40003),
        ({"template_id": "T-none"}, 40037),
        ({"data": {**GOOD_DATA, "thing9": {"value": "多的"}}}, 47003),
        ({"data": {key: GOOD_DATA[key] for key in list(GOOD_DATA)[1:]}}, 47003),
        ({"topcolor": "#ff0000"}, 47001),
        ({"data": {**GOOD_DATA, "thing2": "漏水"}}, 47001),
        ({"data": {**GOOD_DATA, "thing2": {"value": 5}}}, 47001),
    ],
)
def test_a_wrong_message_is_refused_and_not_shown(
    api: Api, platform: Platform, change: dict[str, Any], errcode: int
) -> None:
    body = {"touser": ZHANG, "template_id": "T-task", "data": GOOD_DATA, **change}
    assert api.post("/cgi-bin/message/template/send", body)["errcode"] == errcode
    assert platform.chat(ZHANG) == []


def test_the_refusal_names_the_field(api: Api) -> None:
    answer = api.send_template(data={**GOOD_DATA, "thing2": {"value": "水" * 21}})
    assert answer["errcode"] == 47003
    assert "data.thing2.value" in answer["errmsg"]


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("thing1", "水" * 20, "水" * 21),
        ("thing1", "a", ""),
        ("thing1", "一行", "一行\n两行"),
        ("character_string2", "WO-" + "1" * 29, "1" * 33),
        ("character_string2", "#1024", "工单1024"),
        ("number3", "9" * 32, "9" * 33),
        ("number3", "12.5", "十二"),
        ("symbol4", "★★★★★", "★★★★★★"),
        ("phrase5", "维修中", "正在维修中了"),
        ("phrase5", "已完工", "done"),
        ("time6", "2026年3月10日 09:30", "明天上午"),
        ("time6", "09:30", "9点半"),
        ("date7", "2026-03-10", "三月十日"),
        ("amount8", "¥1234.50", "壹佰元"),
        ("amount8", "1234.50元", "1,234.50元"),
        ("const9", "紧急", "紧" * 21),
        ("phone_number1", "0571-88888888", "请打电话"),
        ("name1", "张伟", "张" * 11),
    ],
)
def test_a_field_takes_what_its_kind_allows(key: str, good: str, bad: str) -> None:
    template = MessageTemplate("T", "标题", ((key, "栏"),))
    check_data(template, {key: {"value": good}})
    with pytest.raises(ApiError) as refusal:
        check_data(template, {key: {"value": bad}})
    assert refusal.value.code == 47003
    assert key in refusal.value.hint


def subscription(api: Api) -> Any:
    body = {"touser": ZHANG, "template_id": "T-task", "page": "", "data": GOOD_DATA}
    return api.post("/cgi-bin/message/subscribe/bizsend", body)


def test_one_consent_is_good_for_one_subscription_message(api: Api, platform: Platform, server: Server) -> None:
    assert subscription(api)["errcode"] == 43101
    platform.answer_consent(ZHANG, "T-task", accept=True)
    assert inside(server.heard(), "SubscribeStatusString") == "accept"
    answer = subscription(api)
    assert answer["errcode"] == 0
    assert "msgid" not in answer
    assert subscription(api)["errcode"] == 43101
    platform.deliver_pending()
    assert inside(server.heard(), "Event") == "subscribe_msg_sent_event"


def test_a_no_is_no_consent(api: Api, platform: Platform, server: Server) -> None:
    platform.answer_consent(ZHANG, "T-task", accept=False)
    assert inside(server.heard(), "SubscribeStatusString") == "reject"
    assert subscription(api)["errcode"] == 43101
