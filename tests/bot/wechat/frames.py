"""Frames as WeChat makes them, put together by hand and with wechatpy, so that our own code is not its own witness."""

import hashlib
from datetime import datetime

from bot.clock import SHANGHAI
from bot.wechat.signature import Gate

TOKEN = "AAAAA"
AES_KEY = "A" * 43
APPID = "wxba5fad812f8e6fb9"
ACCOUNT = "gh_97417a04a28d"
OPENID = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
NOW = datetime(2024, 4, 26, 14, 20, 45, tzinfo=SHANGHAI)
TIMESTAMP = "1714112445"
NONCE = "415670741"


def sha1(*words: str) -> str:
    return hashlib.sha1("".join(sorted(words)).encode()).hexdigest()


def signed(body: bytes = b"", *, token: str = TOKEN, timestamp: str = TIMESTAMP) -> dict[str, str]:
    """The query of a frame in plain mode."""
    return {"signature": sha1(token, timestamp, NONCE), "timestamp": timestamp, "nonce": NONCE, "openid": OPENID}


def sealed(encrypted: str, *, token: str = TOKEN, timestamp: str = TIMESTAMP) -> dict[str, str]:
    """The query of a frame in safe mode."""
    return {
        **signed(token=token, timestamp=timestamp),
        "encrypt_type": "aes",
        "msg_signature": sha1(token, timestamp, NONCE, encrypted),
    }


def envelope(encrypted: str, account: str = ACCOUNT) -> bytes:
    return (
        f"<xml><ToUserName><![CDATA[{account}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    ).encode()


def xml(fields: str, *, account: str = ACCOUNT, created: str = TIMESTAMP) -> bytes:
    """A frame with the usual head and the given fields."""
    return (
        f"<xml><ToUserName><![CDATA[{account}]]></ToUserName><FromUserName><![CDATA[{OPENID}]]></FromUserName>"
        f"<CreateTime>{created}</CreateTime>{fields}</xml>"
    ).encode()


def text_frame(words: str = "厨房水管漏水了", message_id: str = "24575843721473541") -> bytes:
    return xml(f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{words}]]></Content><MsgId>{message_id}</MsgId>")


def plain_gate(**changes: object) -> Gate:
    return Gate(**{"tokens": (TOKEN,), "appid": APPID, "account": ACCOUNT, "mode": "plain", **changes})  # type: ignore[arg-type]


def safe_gate(**changes: object) -> Gate:
    return Gate(
        **{"tokens": (TOKEN,), "aes_keys": (AES_KEY,), "appid": APPID, "account": ACCOUNT, "mode": "safe", **changes}  # type: ignore[arg-type]
    )
