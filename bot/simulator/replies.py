"""Reading what the account's server answers to a push, as strictly as the platform does.

Source: D/service/en/guide/product/message/Passive_user_reply_message.html. The 2048 bytes of a text are from experiments,
not from the page (wechat.md 3.12).
"""

import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from bot.simulator.settings import SimulatorSettings
from bot.simulator.signing import BadEnvelope, Envelope, signature

LONGEST_TEXT = 2048  # bytes in UTF-8
LARGEST_BODY = 64 * 1024


class BadReply(ValueError):
    """The answer is not one; the person is told that the service is broken, `str(self)` is for the developer."""


@dataclass(frozen=True)
class Reply:
    kind: str
    text: str = ""
    media_id: str = ""
    article: dict[str, str] | None = None


# What people said may look like markup; inside such a section it is none.
_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)


def read_reply(body: bytes, openid: str, settings: SimulatorSettings) -> Reply | None:
    """The reply, or None for "nothing to say" (empty or `success`). Raises BadReply."""
    if body.strip() in (b"", b"success"):
        return None
    root = _parse(body)
    if settings.mode == "safe" or (settings.mode == "compatible" and root.find("Encrypt") is not None):
        root = _parse(_decrypt(root, settings).encode())
    fields = {child.tag: child.text or "" for child in root}
    if (fields.get("ToUserName"), fields.get("FromUserName")) != (openid, settings.account):
        raise BadReply("ToUserName and FromUserName must be those of the message, swapped")
    if not fields.get("CreateTime", "").isdigit():
        raise BadReply("CreateTime must be a number of seconds")
    return _content(fields, root)


def _parse(body: bytes) -> ElementTree.Element:
    if len(body) > LARGEST_BODY:
        raise BadReply(f"the reply has {len(body)} bytes")
    if b"<!" in _CDATA.sub(b"", body):
        raise BadReply("the reply has a document type or a comment")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - without a document type there are no entities to expand.
    except (ElementTree.ParseError, ValueError) as error:
        raise BadReply(f"the reply is not XML: {error}") from error
    if root.tag != "xml":
        raise BadReply(f"the reply starts with <{root.tag}>")
    return root


def _decrypt(root: ElementTree.Element, settings: SimulatorSettings) -> str:
    fields = {child.tag: child.text or "" for child in root}
    for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce"):
        if not fields.get(name):
            raise BadReply(f"the encrypted reply lacks {name}")
    expected = signature(settings.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
    if fields["MsgSignature"] != expected:
        raise BadReply("MsgSignature is wrong")
    try:
        return Envelope(settings.aes_key, settings.appid).open(fields["Encrypt"])
    except BadEnvelope as error:
        raise BadReply(str(error)) from error


def _content(fields: dict[str, str], root: ElementTree.Element) -> Reply:
    kind = fields.get("MsgType", "")
    if kind == "text":
        return Reply(kind, text=_text(fields.get("Content", "")))
    if kind in ("image", "voice", "video"):
        media_id = root.findtext(f"{kind.capitalize()}/MediaId") or ""
        if not media_id:
            raise BadReply(f"the {kind} has no MediaId")
        return Reply(kind, media_id=media_id)
    if kind == "news":
        return Reply(kind, article=_article(fields, root))
    if kind in ("music", "transfer_customer_service"):
        return Reply(kind, text=root.findtext("Music/Title") or "")
    raise BadReply(f"unknown MsgType {kind!r}")


def _text(content: str) -> str:
    if not content.strip():
        raise BadReply("Content is empty")
    size = len(content.encode())
    if size > LONGEST_TEXT:
        raise BadReply(f"Content has {size} bytes, at most {LONGEST_TEXT} are allowed")
    return content


def _article(fields: dict[str, str], root: ElementTree.Element) -> dict[str, str]:
    items = root.findall("Articles/item")
    if fields.get("ArticleCount") != "1" or len(items) != 1:
        raise BadReply("a reply has exactly one article")
    names: dict[str, Any] = {"title": "Title", "description": "Description", "url": "Url", "picurl": "PicUrl"}
    return {name: items[0].findtext(tag) or "" for name, tag in names.items()}
