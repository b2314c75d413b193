"""F08, the parser's part: what makes a retry recognisable, with ids that are missing, malformed or shared."""

import pytest

from bot.wechat.parser import read_message
from tests.bot.wechat.frames import OPENID, TIMESTAMP, text_frame, xml

MALFORMED = [
    "",
    "-1",
    "9" * 5000,
    str(2**64),
    "abc",
    "1.5",
    "1e5",
    "１２３",
    "²",
    "0x10",
    "1_000",
    "NaN",
    "null",
    "+1",
    "1 2",
]


def event(name="CLICK", key="repair", more="", created=TIMESTAMP):
    return xml(f"<MsgType>event</MsgType><Event>{name}</Event><EventKey>{key}</EventKey>{more}", created=created)


@pytest.mark.parametrize("message_id", MALFORMED, ids=lambda message_id: f"F08-{message_id[:12]!r}")
def test_without_a_usable_id_time_and_content_stand_in(message_id):
    first, retry = read_message(text_frame("漏水", message_id)), read_message(text_frame("漏水", message_id))
    other = read_message(text_frame("停电", message_id))
    assert first.key == retry.key != other.key
    assert first.key.startswith(f"{TIMESTAMP}:")
    assert len(first.key) < 64


def test_a_message_without_the_field_is_read_as_well():
    incoming = read_message(xml("<MsgType>text</MsgType><Content>漏水</Content>"))
    assert (incoming.text, incoming.key.split(":")[0]) == ("漏水", TIMESTAMP)


@pytest.mark.parametrize(
    "message_id", ["0", "1", str(2**63), str(2**64 - 1)], ids=lambda message_id: f"F08-{message_id}"
)
def test_a_64_bit_id_is_the_key_itself(message_id):
    assert read_message(text_frame("漏水", message_id)).key == message_id


def test_two_people_may_share_an_id_because_the_key_is_theirs_alone():
    mine, theirs = text_frame(message_id="7"), text_frame(message_id="7").replace(OPENID.encode(), b"o-somebody-else")
    assert read_message(mine).key == read_message(theirs).key
    assert read_message(mine).openid != read_message(theirs).openid


DIFFERENT = {
    "another event": event(name="VIEW"),
    "another key": event(key="help"),
    "another MsgID": event(more="<MsgID>5</MsgID>"),
    "another time": event(created="1714112446"),
    "another scan": event(more="<ScanCodeInfo><ScanResult>b</ScanResult></ScanCodeInfo>"),
    "a long key": event(key="k" * 1000),
    "another long key": event(key="k" * 999 + "l"),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"F08-{name}") for name in DIFFERENT])
def test_events_of_the_same_second_are_told_apart(name):
    others = [event(), *(frame for other, frame in DIFFERENT.items() if other != name)]
    assert read_message(DIFFERENT[name]).key not in {read_message(frame).key for frame in others}
    assert read_message(DIFFERENT[name]).key == read_message(DIFFERENT[name]).key


def test_two_answers_to_a_subscription_in_one_second_are_told_apart():
    keys = {
        read_message(
            xml(
                "<MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List>"
                f"<TemplateId>{template}</TemplateId></List></SubscribeMsgPopupEvent>"
            )
        ).key
        for template in ("T1", "T2")
    }
    assert len(keys) == 2


def test_a_key_has_a_bounded_length():
    assert len(read_message(event(name="e" * 5000, key="k" * 5000)).key) <= 100
