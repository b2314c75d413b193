"""Everything WeChat delivers (reference 5.1), read into plain values."""

from datetime import datetime

import pytest

from bot.clock import SHANGHAI
from bot.incoming import EVENT_KINDS, MESSAGE_KINDS
from bot.wechat.parser import read_message
from tests.bot.wechat.frames import ACCOUNT, OPENID, TIMESTAMP, xml

POPUP = (
    "<SubscribeMsgPopupEvent><List><TemplateId>T1</TemplateId><SubscribeStatusString>accept</SubscribeStatusString>"
    "<PopupScene>1</PopupScene></List><List><TemplateId>T2</TemplateId>"
    "<SubscribeStatusString>reject</SubscribeStatusString><PopupScene>1</PopupScene></List></SubscribeMsgPopupEvent>"
)
CHANGE = (
    "<SubscribeMsgChangeEvent><List><TemplateId>T1</TemplateId><SubscribeStatusString>reject</SubscribeStatusString>"
    "</List></SubscribeMsgChangeEvent>"
)
SENT = (
    "<SubscribeMsgSentEvent><List><TemplateId>T1</TemplateId><MsgID>17</MsgID><ErrorCode>{}</ErrorCode>"
    "<ErrorStatus>{}</ErrorStatus></List></SubscribeMsgSentEvent>"
)
CHOSEN_PLACE = (
    "<EventKey>here</EventKey><SendLocationInfo><Location_X>23.13</Location_X><Location_Y>113.36</Location_Y>"
    "<Scale>15</Scale><Label>广州</Label><Poiname>花园</Poiname></SendLocationInfo>"
)
SCANNED = (
    "<EventKey>scan</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>https://x/q/A1</ScanResult>"
    "</ScanCodeInfo>"
)

# What is delivered → what is to be read: (MsgType or Event, its fields, kind, the values that matter).
MESSAGES = [
    ("text", "<Content>漏水</Content>", "text", {"text": "漏水"}),
    ("text", "<Content>1</Content><bizmsgmenuid>yes</bizmsgmenuid>", "text", {"text": "1", "menu_id": "yes"}),
    ("text", "<Content></Content>", "text", {"text": ""}),
    ("image", "<PicUrl>http://p</PicUrl><MediaId>M</MediaId>", "image", {"media_id": "M", "media_url": "http://p"}),
    (
        "voice",
        "<MediaId>M</MediaId><Format>amr</Format><Recognition>灯坏了</Recognition>",
        "voice",
        {"media_id": "M", "media_format": "amr", "text": "灯坏了"},
    ),
    ("voice", "<MediaId>M</MediaId><Format>speex</Format>", "voice", {"media_format": "speex", "text": ""}),
    ("video", "<MediaId>M</MediaId><ThumbMediaId>T</ThumbMediaId>", "video", {"media_id": "M"}),
    ("shortvideo", "<MediaId>M</MediaId><ThumbMediaId>T</ThumbMediaId>", "video", {"media_id": "M"}),
    (
        "location",
        "<Location_X>23.134521</Location_X><Location_Y>-113.358803</Location_Y><Scale>20</Scale><Label>花园</Label>",
        "location",
        {"latitude": 23.134521, "longitude": -113.358803, "text": "花园"},
    ),
    ("link", "<Title>题</Title><Description>述</Description><Url>http://u</Url>", "link", {"text": "题"}),
    ("miniprogrampage", "<Title>题</Title>", "unknown", {"text": ""}),
]
EVENTS = [
    ("subscribe", "<EventKey></EventKey>", "follow", {"scene": ""}),
    ("subscribe", "<EventKey>qrscene_A1</EventKey><Ticket>T</Ticket>", "follow", {"scene": "A1"}),
    ("subscribe", "<EventKey>qrscene_qrscene_</EventKey>", "follow", {"scene": "qrscene_"}),
    ("unsubscribe", "<EventKey></EventKey>", "unfollow", {}),
    ("SCAN", "<EventKey>A1</EventKey><Ticket>T</Ticket>", "scan", {"scene": "A1"}),
    (
        "LOCATION",
        "<Latitude>23.137466</Latitude><Longitude>113.352425</Longitude><Precision>119.385040</Precision>",
        "located",
        {"latitude": 23.137466, "longitude": 113.352425},
    ),
    ("CLICK", "<EventKey>repair</EventKey>", "menu", {"scene": "repair"}),
    ("VIEW", "<EventKey>https://x/m</EventKey><MenuId>7</MenuId>", "view", {"scene": "https://x/m"}),
    ("scancode_push", SCANNED, "scanned", {"scene": "https://x/q/A1"}),
    ("scancode_waitmsg", SCANNED, "scanned", {"scene": "https://x/q/A1"}),
    ("pic_sysphoto", "<EventKey>photo</EventKey>", "menu", {"scene": "photo"}),
    ("pic_photo_or_album", "<EventKey>photo</EventKey>", "menu", {"scene": "photo"}),
    ("pic_weixin", "<EventKey>photo</EventKey>", "menu", {"scene": "photo"}),
    ("location_select", CHOSEN_PLACE, "located", {"latitude": 23.13, "longitude": 113.36, "text": "广州"}),
    (
        "TEMPLATESENDJOBFINISH",
        "<MsgID>200163836</MsgID><Status>failed:user block</Status>",
        "sent",
        {"platform_id": "200163836", "status": "failed:user block"},
    ),
    (
        "MASSSENDJOBFINISH",
        "<MsgID>1000001625</MsgID><Status>send success</Status><TotalCount>1</TotalCount>",
        "sent",
        {"platform_id": "1000001625", "status": "send success"},
    ),
    ("subscribe_msg_popup_event", POPUP, "subscription", {"scene": "T1", "status": "accept"}),
    ("subscribe_msg_change_event", CHANGE, "subscription", {"scene": "T1", "status": "reject"}),
    ("subscribe_msg_sent_event", SENT.format(0, "success"), "sent", {"platform_id": "17", "status": "success"}),
    ("subscribe_msg_sent_event", SENT.format(43101, "refuse"), "sent", {"status": "failed: refuse"}),
    ("user_info_modified", "<EventKey/>", "unknown", {"scene": ""}),
]


@pytest.mark.parametrize(
    ("frame", "kind", "values"),
    [
        *[
            pytest.param(
                xml(f"<MsgType><![CDATA[{name}]]></MsgType>{fields}<MsgId>24575843721473541</MsgId>"),
                kind,
                {**values, "key": "24575843721473541"},
                id=f"message {name} {i}",
            )
            for i, (name, fields, kind, values) in enumerate(MESSAGES)
        ],
        *[
            pytest.param(
                xml(f"<MsgType>event</MsgType><Event><![CDATA[{name}]]></Event>{fields}"),
                kind,
                values,
                id=f"event {name} {i}",
            )
            for i, (name, fields, kind, values) in enumerate(EVENTS)
        ],
    ],
)
def test_it_is_read_as_what_it_is(frame, kind, values):
    incoming = read_message(frame)
    assert (incoming.account, incoming.openid, incoming.kind) == (ACCOUNT, OPENID, kind)
    assert incoming.sent_at == datetime(2024, 4, 26, 14, 20, 45, tzinfo=SHANGHAI)
    assert {name: getattr(incoming, name) for name in values} == values


def test_every_kind_is_produced_by_something():
    assert {kind for _, _, kind, _ in MESSAGES} == {*MESSAGE_KINDS, "unknown"}
    assert {kind for _, _, kind, _ in EVENTS} == {*EVENT_KINDS, "unknown"}


def test_an_event_is_recognised_by_its_time_name_and_key():
    frame = xml("<MsgType>event</MsgType><Event>CLICK</Event><EventKey>repair</EventKey>")
    assert read_message(frame).key == f"{TIMESTAMP}:CLICK:repair:"


def test_what_linli_does_not_know_is_kept_whole():
    incoming = read_message(xml("<MsgType>hologram</MsgType><Shape><Side>3</Side><Side>4</Side></Shape>"))
    assert incoming.kind == "unknown"
    assert incoming.raw["Shape"] == {"Side": ["3", "4"]}


@pytest.mark.parametrize("place", ["nan", "inf", "1e9", "２３.１", "²", "91", "-90.1", "1_0", "0x1", "", "abc", "23,5"])
def test_a_place_that_is_none_is_left_out(place):
    frame = xml(
        f"<MsgType>location</MsgType><Location_X>{place}</Location_X><Location_Y>1.5</Location_Y><MsgId>1</MsgId>"
    )
    incoming = read_message(frame)
    assert (incoming.latitude, incoming.longitude) == (None, 1.5)
