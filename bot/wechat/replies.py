"""Incoming + words → the XML of a passive reply, the one message that costs no quota (reference 3.1, 3.12)."""

from datetime import datetime

from bot.incoming import Incoming
from bot.wechat.frame import ILLEGAL_CHARACTERS

# Bytes of UTF-8. Experiments found 2,048; the official pages name no number.
TEXT_LIMIT = 2000
_ELLIPSIS = "…"


def text_reply(incoming: Incoming, text: str, now: datetime) -> str:
    """The reply to whoever spoke. What is longer than the limit is cut and ends in "…": see split_text."""
    return _reply(incoming, now, "text", f"<Content>{_cdata(shortened(text))}</Content>")


def image_reply(incoming: Incoming, media_id: str, now: datetime) -> str:
    return _reply(incoming, now, "image", f"<Image><MediaId>{_cdata(media_id)}</MediaId></Image>")


def shortened(text: str, limit: int = TEXT_LIMIT) -> str:
    """At most `limit` bytes of UTF-8, never ending inside a character."""
    if len(text.encode("utf-8", "replace")) <= limit:
        return text
    return _head(text, limit - len(_ELLIPSIS.encode())) + _ELLIPSIS


def split_text(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Parts of at most `limit` bytes of UTF-8, cut at line ends; only a line that is too long itself is cut elsewhere.

    The line ends at the cuts are dropped; nothing else is. Empty text has no parts.
    """
    parts: list[str] = []
    rest = text
    while len(rest.encode("utf-8", "replace")) > limit:
        head = _head(rest, limit)
        cut = len(head) if rest[len(head)] == "\n" else head.rfind("\n")
        cut = cut if cut > 0 else len(head)
        parts.append(rest[:cut])
        rest = rest[cut:].removeprefix("\n")
    return [*parts, rest] if rest else parts


def _head(text: str, limit: int) -> str:
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")


def _reply(incoming: Incoming, now: datetime, message_type: str, content: str) -> str:
    return (
        f"<xml><ToUserName>{_cdata(incoming.openid)}</ToUserName>"
        f"<FromUserName>{_cdata(incoming.account)}</FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime><MsgType>{_cdata(message_type)}</MsgType>{content}</xml>"
    )


def _cdata(text: str) -> str:
    """The text, unable to end its own section: people's words come back in replies (reference 1.5 f)."""
    return "<![CDATA[" + ILLEGAL_CHARACTERS.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"
