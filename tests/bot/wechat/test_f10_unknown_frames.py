"""F10: unknown, incomplete and senseless frames end in a message of the kind "unknown" or in FrameError 200."""

import base64
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.incoming import EVENT_KINDS, MESSAGE_KINDS, Incoming
from bot.wechat.errors import FrameError
from bot.wechat.parser import read_message
from bot.wechat.replies import text_reply
from tests.bot.wechat.frames import NOW, safe_gate, sealed, xml

HEAD = "<ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName><CreateTime>1714112445</CreateTime>"

NO_MESSAGE = {
    "nothing": b"",
    "an empty frame": b"<xml/>",
    "an empty pair": b"<xml></xml>",
    "text alone": b"<xml>hello</xml>",
    "no XML": b"hello",
    "JSON": b'{"ToUserName":"gh_1"}',
    "half a frame": xml("<MsgType>text</MsgType>")[:60],
    "a NUL instead of a body": b"\x00",
    "GBK": "<xml><Content>漏水</Content></xml>".encode("gbk"),
    "no sender": b"<xml><ToUserName>gh_1</ToUserName><CreateTime>1</CreateTime><MsgType>text</MsgType></xml>",
    "no receiver": b"<xml><FromUserName>o1</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType></xml>",
    "two senders": f"<xml>{HEAD}<FromUserName>o2</FromUserName></xml>".encode(),
    "a sender with parts": f"<xml>{HEAD}</xml>".replace("o1", "<a>o1</a>").encode(),
    "a sender with spaces": f"<xml>{HEAD}</xml>".replace("o1", "o 1").encode(),
    "a sender in Chinese": f"<xml>{HEAD}</xml>".replace("o1", "张伟").encode(),
    "an endless sender": f"<xml>{HEAD}</xml>".replace("o1", "o" * 65).encode(),
    "no time": f"<xml>{HEAD}</xml>".replace("<CreateTime>1714112445</CreateTime>", "").encode(),
    "a time of letters": xml("<MsgType>text</MsgType>", created="abc"),
    "a negative time": xml("<MsgType>text</MsgType>", created="-1"),
    "a time beyond the calendar": xml("<MsgType>text</MsgType>", created="9" * 20),
    "a time of 5,000 digits": xml("<MsgType>text</MsgType>", created="9" * 5000),
    "a time with a fraction": xml("<MsgType>text</MsgType>", created="1.5"),
    "a time in full-width digits": xml("<MsgType>text</MsgType>", created="１７１４１１２４４５"),
}
UNKNOWN = {
    "no type": "",
    "an empty type": "<MsgType/>",
    "a new type": "<MsgType>hologram</MsgType>",
    "two types": "<MsgType>text</MsgType><MsgType>text</MsgType>",
    "a type with parts": "<MsgType><a>text</a></MsgType>",
    "an event without a name": "<MsgType>event</MsgType>",
    "an event with an empty name": "<MsgType>event</MsgType><Event/>",
    "a new event": "<MsgType>event</MsgType><Event>teleported</Event>",
    "two events": "<MsgType>event</MsgType><Event>CLICK</Event><Event>CLICK</Event>",
    "a message named as an event": "<MsgType>event</MsgType><Event>text</Event>",
    "an event named as a message": "<MsgType>CLICK</MsgType>",
}
INCOMPLETE = {
    "text with parts": ("<MsgType>text</MsgType><Content><b>1</b></Content>", "text"),
    "text twice": ("<MsgType>text</MsgType><Content>1</Content><Content>2</Content>", "text"),
    "image without media": ("<MsgType>image</MsgType>", "image"),
    "location without a place": ("<MsgType>location</MsgType>", "location"),
    "subscription without a list": ("<MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event>", "subscription"),
    "subscription with text": (
        "<MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent>1</SubscribeMsgPopupEvent>",
        "subscription",
    ),
    "subscription twice": (
        "<MsgType>event</MsgType><Event>subscribe_msg_sent_event</Event><SubscribeMsgSentEvent/><SubscribeMsgSentEvent/>",
        "sent",
    ),
    "scan without a code": ("<MsgType>event</MsgType><Event>scancode_push</Event>", "scanned"),
}


@pytest.mark.parametrize("frame", [pytest.param(frame, id=f"F10-{name}") for name, frame in NO_MESSAGE.items()])
def test_what_is_no_message_is_said_to_be_none(frame):
    with pytest.raises(FrameError) as error:
        read_message(frame)
    assert error.value.status == 200


@pytest.mark.parametrize("fields", [pytest.param(fields, id=f"F10-{name}") for name, fields in UNKNOWN.items()])
def test_what_is_not_known_is_unknown(fields):
    assert read_message(xml(fields)).kind == "unknown"


@pytest.mark.parametrize(
    ("fields", "kind"), [pytest.param(fields, kind, id=f"F10-{name}") for name, (fields, kind) in INCOMPLETE.items()]
)
def test_what_is_incomplete_is_read_as_far_as_it_goes(fields, kind):
    incoming = read_message(xml(fields))
    assert (incoming.kind, incoming.text, incoming.scene, incoming.latitude) == (kind, "", "", None)


def check(frame: bytes) -> None:
    """The one promise: an Incoming that can be answered, or FrameError 200."""
    try:
        incoming = read_message(frame)
    except FrameError as error:
        if error.status != 200:
            raise
        return
    assert isinstance(incoming, Incoming)
    assert incoming.kind in (*MESSAGE_KINDS, *EVENT_KINDS, "unknown")
    assert incoming.key
    assert len(incoming.key) <= 100
    assert incoming.sent_at.tzinfo is not None
    incoming.text.encode()
    assert read_message(text_reply(incoming, incoming.text, NOW).encode()).openid == incoming.account


NAMES = st.sampled_from(
    [
        *("ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "EventKey", "Content", "MsgId", "MsgID"),
        *("MediaId", "Location_X", "Location_Y", "Latitude", "ScanCodeInfo", "ScanResult", "Status", "xml", "a"),
        *("List", "TemplateId", "SubscribeMsgPopupEvent", "SubscribeMsgSentEvent"),
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        ["text", "event", "location", "CLICK", "SCAN", "subscribe_msg_popup_event", "1714112445", "1", "NaN"]
    ),
    st.text(max_size=12),
    st.text(max_size=12).map(lambda words: f"<![CDATA[{words}]]>"),
    st.sampled_from(["&amp;", "&lt;", "&#0;", "&#xD800;", "&#x1F600;", "&unknown;", "]]>", "\x00", "<"]),
)
ELEMENTS = st.recursive(
    st.tuples(NAMES, VALUES).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"),
    lambda inner: st.tuples(NAMES, st.lists(inner, max_size=3)).map(
        lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ELEMENTS, max_size=8), st.booleans())
def test_f10_no_combination_of_fields_breaks_the_reader(elements, with_head):
    check(f"<xml>{HEAD if with_head else ''}{''.join(elements)}</xml>".encode("utf-8", "surrogatepass"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_f10_no_bytes_break_the_reader(body):
    check(body)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_f10_no_damage_to_a_real_frame_breaks_the_reader(data):
    frame = bytearray(xml("<MsgType>text</MsgType><Content><![CDATA[漏水]]></Content><MsgId>1</MsgId>"))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    check(bytes(frame))


PARAMETERS = st.dictionaries(
    st.sampled_from(["signature", "timestamp", "nonce", "msg_signature", "encrypt_type", "openid"]),
    st.one_of(
        st.sampled_from(["1714112445", "415670741", "aes", "a" * 40]),
        st.text(alphabet=st.characters(), max_size=8),
        st.lists(st.text(max_size=3), max_size=2),
    ),
)


@settings(max_examples=200, deadline=None)
@given(PARAMETERS, st.binary(max_size=60), st.sampled_from(["plain", "compatible", "safe"]))
def test_f10_no_address_opens_the_gate_or_breaks_it(params, body, mode):
    with pytest.raises(FrameError) as refused:
        safe_gate(mode=mode).open(params, body, NOW)
    assert refused.value.status in (400, 403)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=96).map(lambda sealed: base64.b64encode(sealed).decode()))
def test_f10_no_ciphertext_breaks_the_gate(encrypted):
    body = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
    with pytest.raises(FrameError) as refused:
        safe_gate().open(sealed(encrypted), body, NOW)
    assert refused.value.status in (400, 403)


def test_no_reason_quotes_what_a_person_wrote():
    with pytest.raises(FrameError) as error:
        read_message(b"<xml><Content>13812345678</Content>")
    assert not re.search("138", error.value.reason)
