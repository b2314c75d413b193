"""Signatures and encryption of messages and the JS-SDK, written from the platform's own description.

Source: developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.md. Shares nothing with bot/wechat, so that
each can be held against the other.
"""

import base64
import hashlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_BLOCK = 32  # PKCS#7 with 32-byte blocks, although AES itself works on 16.


class BadEnvelope(ValueError):
    """An encrypted text that is not ours, or not whole."""


def signature(*parts: str) -> str:
    """sha1 of the sorted parts: (token, timestamp, nonce), and with the encrypted text as fourth for msg_signature."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the platform's choice


def page_signature(ticket: str, noncestr: str, timestamp: int, url: str) -> str:
    """What wx.config needs for a page at `url` (everything before '#')."""
    text = f"jsapi_ticket={ticket}&noncestr={noncestr}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - the platform's choice


class Envelope:
    """AES-256-CBC around 16 random bytes, the length, the text and the appid."""

    def __init__(self, aes_key: str, appid: str) -> None:
        self._key = base64.b64decode(aes_key + "=")
        self._appid = appid.encode()

    def seal(self, text: str, random16: bytes) -> str:
        content = text.encode()
        plain = random16 + struct.pack(">I", len(content)) + content + self._appid
        padding = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def open(self, sealed: str) -> str:
        """The text inside. Raises BadEnvelope when it is no such envelope or carries another appid."""
        try:
            decryptor = self._cipher().decryptor()
            plain = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
            plain = plain[: -plain[-1]]
            (length,) = struct.unpack(">I", plain[16:20])
            text, appid = plain[20 : 20 + length].decode(), plain[20 + length :]
        except (ValueError, IndexError, struct.error) as error:
            raise BadEnvelope(f"the encrypted text cannot be opened: {error}") from error
        if appid != self._appid:
            raise BadEnvelope(f"the encrypted text carries appid {appid!r}")
        return text

    def _cipher(self) -> Cipher[CBC]:
        return Cipher(AES(self._key), CBC(self._key[:16]))
