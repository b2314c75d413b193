"""Is it really WeChat, and is it for this account? The gate every request to our WeChat address passes."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.wechat.crypto import decrypt, encrypt
from bot.wechat.errors import ForeignFrame, FrameError
from bot.wechat.frame import Fields, read_fields, refuse_doctype, text_of

# Real frames have 0.3 to 3 kB, in compatible mode three times that.
MAX_FRAME_BYTES = 64 * 1024

Params = Mapping[str, str | Sequence[str]]

_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Gate:
    """One official account's way in.

    `tokens` and `aes_keys` hold the valid values, the newest first; during a change the old one follows it.
    `account` is the original id (gh_…); "" leaves it unchecked. `window_seconds` is how far a timestamp may be from
    now, both ways; 0 switches the check off. Compatible mode takes encrypted frames and plain ones.
    """

    tokens: tuple[str, ...] = field(repr=False)
    aes_keys: tuple[str, ...] = field(default=(), repr=False)
    appid: str = ""
    account: str = ""
    mode: Literal["plain", "compatible", "safe"] = "safe"
    window_seconds: int = 300

    def __post_init__(self) -> None:
        if not self.tokens or not all(self.tokens):
            raise ValueError("a gate needs a token")
        if self.mode != "plain" and not self.aes_keys:
            raise ValueError("encrypted modes need an AES key")
        if self.mode != "plain" and not self.appid:
            raise ValueError("encrypted modes need the appid")
        if not all(re.fullmatch(r"[A-Za-z0-9]{43}", key) for key in self.aes_keys):
            raise ValueError("an EncodingAESKey is 43 letters and digits")

    def check_url(self, params: Params) -> str:
        """What to answer when WeChat asks whether this address is ours (GET). Raises FrameError 403."""
        self._check_signature(params, "signature")
        return _one(params, "echostr")

    def open(self, params: Params, body: bytes, now: datetime) -> bytes:
        """The plain XML of a genuine frame. Raises FrameError 400, 403 or 413.

        What is genuine but unreadable is returned all the same: the reader has the answer for it.
        """
        if len(body) > MAX_FRAME_BYTES:
            raise FrameError(413, "larger than any frame")
        refuse_doctype(body)
        self._check_age(params, now)
        if self.is_sealed(params):
            plain = self._unsealed(params, body)
        else:
            self._check_signature(params, "signature")
            plain = body
        self._check_account(plain)
        return plain

    def is_sealed(self, params: Params) -> bool:
        """Does the frame come encrypted, so that the reply has to be encrypted as well?

        Raises FrameError 403 when this account does not take encrypted frames.
        """
        if self.mode == "safe":
            return True
        if "encrypt_type" not in params or params["encrypt_type"] in ("raw", ["raw"]):
            return False
        if self.mode == "plain":
            raise FrameError(403, "an encrypted frame for an account in plain mode")
        return True

    def seal(self, reply_xml: str, now: datetime, nonce: str) -> str:
        """The reply as it must go out: encrypted, but in plain mode as it is."""
        if self.mode == "plain":
            return reply_xml
        encrypted = encrypt(reply_xml.encode(), self.aes_keys[0], self.appid)
        timestamp = str(int(now.timestamp()))
        signature = sign([self.tokens[0], timestamp, nonce, encrypted])
        return (
            f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )

    def _unsealed(self, params: Params, body: bytes) -> bytes:
        fields = read_fields(body)
        encrypted = text_of(fields, "Encrypt")
        if not encrypted:
            raise FrameError(403, "not encrypted")
        self._check_signature(params, "msg_signature", encrypted)
        self._check_named(fields)
        for key in self.aes_keys[:-1]:
            try:
                return decrypt(encrypted, key, self.appid)
            except FrameError:
                continue
        return decrypt(encrypted, self.aes_keys[-1], self.appid)

    def _check_signature(self, params: Params, name: str, *more: str) -> None:
        given = _one(params, name).encode("utf-8", "replace")
        words = [_one(params, "timestamp"), _one(params, "nonce"), *more]
        # No early exit: how long it takes tells nothing about which token was nearly right.
        matches = [hmac.compare_digest(given, sign([token, *words]).encode()) for token in self.tokens]
        if not any(matches):
            raise FrameError(403, "the signature is wrong")

    def _check_age(self, params: Params, now: datetime) -> None:
        timestamp = _one(params, "timestamp")
        if not _TIMESTAMP.fullmatch(timestamp):
            raise FrameError(403, "the timestamp is no number")
        if self.window_seconds and abs(now.timestamp() - int(timestamp)) > self.window_seconds:
            raise FrameError(403, "too old or too new")

    def _check_account(self, xml: bytes) -> None:
        try:
            fields = read_fields(xml)
        except FrameError:
            return
        self._check_named(fields)

    def _check_named(self, fields: Fields) -> None:
        named = text_of(fields, "ToUserName")
        if self.account and named and named != self.account:
            raise ForeignFrame


def sign(words: Iterable[str]) -> str:
    """WeChat's signature: the SHA-1 of the sorted words, in lower-case hex (reference 3.2)."""
    return hashlib.sha1("".join(sorted(words)).encode("utf-8", "replace")).hexdigest()  # noqa: S324, WeChat's choice


def jssdk_signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """What a page needs to use WeChat's JavaScript; `url` is its full address before the `#` (reference 3.14)."""
    words = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(words.encode()).hexdigest()  # noqa: S324, WeChat's choice


def _one(params: Params, name: str) -> str:
    """The parameter's only value. Raises FrameError 403 when it is missing, empty or comes twice."""
    value = params.get(name)
    if value is not None and not isinstance(value, str):
        value = value[0] if len(value) == 1 else None
    if not isinstance(value, str) or not value:
        raise FrameError(403, f"{name} is missing or not single")
    return value
