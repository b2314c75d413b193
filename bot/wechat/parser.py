"""XML → Incoming: one reader for everything WeChat delivers (reference 5.1). No bytes make it fail but by FrameError."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from bot.clock import SHANGHAI
from bot.incoming import Incoming
from bot.wechat.errors import FrameError
from bot.wechat.frame import Fields, read_fields, text_of

_NAME = re.compile(r"[!-~]{1,64}")
_DIGITS = re.compile(r"[0-9]{1,20}")
_COORDINATE = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")
_LATEST = 2**33  # seconds; the year 2242


class Content(TypedDict, total=False):
    """The fields of Incoming that depend on its kind."""

    text: str
    media_id: str
    media_url: str
    media_format: str
    latitude: float | None
    longitude: float | None
    scene: str
    menu_id: str
    status: str
    platform_id: str


def read_message(xml: bytes) -> Incoming:
    """What WeChat delivered. A message or event Linli does not know arrives as "unknown", with everything in `raw`.

    Raises FrameError 200 when it is no message at all: unreadable, or without sender, receiver or time.
    """
    try:
        fields = read_fields(xml)
    except FrameError as error:
        raise FrameError(200, error.reason) from None
    account, openid = text_of(fields, "ToUserName"), text_of(fields, "FromUserName")
    if not (_NAME.fullmatch(account) and _NAME.fullmatch(openid)):
        raise FrameError(200, "no sender or no receiver")
    kind, content = _content(fields)
    return Incoming(account, openid, kind, _key(fields), _sent_at(fields), raw=fields, **content)


def _content(fields: Fields) -> tuple[str, Content]:
    message_type = text_of(fields, "MsgType").strip().lower()
    event = text_of(fields, "Event").strip().lower()
    reader = _EVENTS.get(event) if message_type == "event" else _MESSAGES.get(message_type)
    if reader is None:
        return "unknown", {}
    kind, read = reader
    return kind, read(fields)


def _key(fields: Fields) -> str:
    """What a retry of the same thing repeats. MsgId alone is enough only together with account and openid."""
    if text_of(fields, "MsgType").strip().lower() == "event":
        words = [text_of(fields, name) for name in ("CreateTime", "Event", "EventKey", "MsgID")]
        # Two answers to a subscription within one second differ only in what is nested.
        nested = [value for value in fields.values() if not isinstance(value, str)]
        key = ":".join([*words, _digest(nested)] if nested else words)
        return key if len(key) <= 100 else f"{words[0]}:{words[1][:32]}:{_digest([words, nested])}"
    message_id = text_of(fields, "MsgId")
    if _DIGITS.fullmatch(message_id) and int(message_id) < 2**64:
        return message_id
    return f"{text_of(fields, 'CreateTime')}:{_digest(fields)}"


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def _sent_at(fields: Fields) -> datetime:
    created = text_of(fields, "CreateTime").strip()
    if not _DIGITS.fullmatch(created) or int(created) > _LATEST:
        raise FrameError(200, "no time")
    return datetime.fromtimestamp(int(created), SHANGHAI)


def _coordinate(words: str, limit: int) -> float | None:
    if not _COORDINATE.fullmatch(words.strip()) or abs(float(words)) > limit:
        return None
    return float(words)


def _text(fields: Fields) -> Content:
    return {"text": text_of(fields, "Content"), "menu_id": text_of(fields, "bizmsgmenuid")}


def _image(fields: Fields) -> Content:
    return {"media_id": text_of(fields, "MediaId"), "media_url": text_of(fields, "PicUrl")}


def _voice(fields: Fields) -> Content:
    return {
        "media_id": text_of(fields, "MediaId"),
        "media_format": text_of(fields, "Format"),
        "text": text_of(fields, "Recognition"),
    }


def _video(fields: Fields) -> Content:
    return {"media_id": text_of(fields, "MediaId")}


def _place(latitude: tuple[str, ...], longitude: tuple[str, ...], *label: str) -> Callable[[Fields], Content]:
    def read(fields: Fields) -> Content:
        return {
            "latitude": _coordinate(text_of(fields, *latitude), 90),
            "longitude": _coordinate(text_of(fields, *longitude), 180),
            "text": text_of(fields, *label) if label else "",
        }

    return read


def _link(fields: Fields) -> Content:
    return {"text": text_of(fields, "Title")}


def _follow(fields: Fields) -> Content:
    return {"scene": text_of(fields, "EventKey").removeprefix("qrscene_")}


def _event_key(fields: Fields) -> Content:
    return {"scene": text_of(fields, "EventKey")}


def _nothing(_: Fields) -> Content:
    return {}


def _scanned(fields: Fields) -> Content:
    return {"scene": text_of(fields, "ScanCodeInfo", "ScanResult")}


def _sent(fields: Fields) -> Content:
    return {"platform_id": text_of(fields, "MsgID"), "status": text_of(fields, "Status")}


def _subscription(container: str) -> Callable[[Fields], Content]:
    """A person may answer for several templates at once: `scene` and `status` are the first one's, `raw` has all."""

    def read(fields: Fields) -> Content:
        first = _first(fields, container)
        return {"scene": text_of(first, "TemplateId"), "status": text_of(first, "SubscribeStatusString")}

    return read


def _subscription_sent(fields: Fields) -> Content:
    first = _first(fields, "SubscribeMsgSentEvent")
    worked = text_of(first, "ErrorCode") == "0"
    return {
        "scene": text_of(first, "TemplateId"),
        "platform_id": text_of(first, "MsgID"),
        "status": "success" if worked else f"failed: {text_of(first, 'ErrorStatus')}",
    }


def _first(fields: Fields, container: str) -> object:
    inside = fields.get(container)
    listed = inside.get("List") if isinstance(inside, dict) else None
    return listed[0] if isinstance(listed, list) else listed


Reader = tuple[str, Callable[[Fields], Content]]

_MESSAGES: dict[str, Reader] = {
    "text": ("text", _text),
    "image": ("image", _image),
    "voice": ("voice", _voice),
    "video": ("video", _video),
    "shortvideo": ("video", _video),
    "location": ("location", _place(("Location_X",), ("Location_Y",), "Label")),
    "link": ("link", _link),
}

_EVENTS: dict[str, Reader] = {
    "subscribe": ("follow", _follow),
    "unsubscribe": ("unfollow", _nothing),
    "scan": ("scan", _event_key),
    "click": ("menu", _event_key),
    "view": ("view", _event_key),
    "location": ("located", _place(("Latitude",), ("Longitude",))),
    "location_select": (
        "located",
        _place(
            ("SendLocationInfo", "Location_X"),
            ("SendLocationInfo", "Location_Y"),
            "SendLocationInfo",
            "Label",
        ),
    ),
    "scancode_push": ("scanned", _scanned),
    "scancode_waitmsg": ("scanned", _scanned),
    # The pictures chosen there arrive as image messages of their own; here only the menu's key is news.
    "pic_sysphoto": ("menu", _event_key),
    "pic_photo_or_album": ("menu", _event_key),
    "pic_weixin": ("menu", _event_key),
    "templatesendjobfinish": ("sent", _sent),
    "masssendjobfinish": ("sent", _sent),
    "subscribe_msg_popup_event": ("subscription", _subscription("SubscribeMsgPopupEvent")),
    "subscribe_msg_change_event": ("subscription", _subscription("SubscribeMsgChangeEvent")),
    "subscribe_msg_sent_event": ("sent", _subscription_sent),
}
