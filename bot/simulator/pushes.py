"""What the platform posts to the account's server: the XML of messages and events, signed and, if so set, encrypted."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from bot.simulator.settings import SimulatorSettings
from bot.simulator.signing import Envelope, signature

Value = str | int | float | tuple[tuple[str, "Value"], ...]
Fields = tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Push:
    """One message or event of one person. `shows` says whether the person is waiting for an answer on the screen."""

    openid: str
    made_at: datetime
    fields: Fields
    shows: bool = True


def event(openid: str, made_at: datetime, name: str, *fields: tuple[str, Value], shows: bool = True) -> Push:
    return Push(openid, made_at, (("MsgType", "event"), ("Event", name), *fields), shows)


def message(openid: str, made_at: datetime, kind: str, *fields: tuple[str, Value]) -> Push:
    """A message also gets its 64-bit MsgId, the same in every attempt to deliver it."""
    return Push(openid, made_at, (("MsgType", kind), *fields, ("MsgId", new_message_id(made_at))))


def new_message_id(now: datetime) -> int:
    return int(now.timestamp()) * 2**31 + secrets.randbelow(2**31)


def plain_xml(push: Push, account: str) -> str:
    head: Fields = (
        ("ToUserName", account),
        ("FromUserName", push.openid),
        ("CreateTime", int(push.made_at.timestamp())),
    )
    return f"<xml>{_elements(head + push.fields)}</xml>"


def envelope(push: Push, settings: SimulatorSettings, now: datetime) -> tuple[dict[str, str], bytes]:
    """The query and the body of one attempt: every attempt has its own timestamp, nonce and random bytes."""
    timestamp, nonce = str(int(now.timestamp())), str(secrets.randbelow(10**10))
    query = {
        "signature": signature(settings.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": push.openid,
    }
    body = plain_xml(push, settings.account)
    if settings.mode == "plain":
        return query, body.encode()
    sealed = Envelope(settings.aes_key, settings.appid).seal(body, secrets.token_bytes(16))
    query["encrypt_type"] = "aes"
    query["msg_signature"] = signature(settings.token, timestamp, nonce, sealed)
    encrypt = _elements((("Encrypt", sealed),))
    if settings.mode == "compatible":
        return query, f"{body.removesuffix('</xml>')}{encrypt}</xml>".encode()
    return query, f"<xml>{_elements((('ToUserName', settings.account),))}{encrypt}</xml>".encode()


def _elements(fields: Fields) -> str:
    return "".join(f"<{name}>{_written(value)}</{name}>" for name, value in fields)


def _written(value: Value) -> str:
    if isinstance(value, tuple):
        return _elements(value)
    if isinstance(value, str):
        inner = value.replace("]]>", "]]]]><![CDATA[>")
        return f"<![CDATA[{inner}]]>"
    return str(value)
