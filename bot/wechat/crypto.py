"""The encryption of safe mode: AES-256-CBC as WeChat's "message encryption" page describes it (reference 3.2).

Plain text of a frame: 16 random bytes, the message's length (4 bytes, big-endian), the message, the appid;
padded to blocks of 32 bytes, where each byte of the padding says how long the padding is.
"""

import base64
import binascii
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.wechat.errors import ForeignFrame, FrameError

_BLOCK = 32
_RANDOM = 16
_HEAD = _RANDOM + 4


def decrypt(encrypted: str, aes_key: str, appid: str) -> bytes:
    """The message in the frame. Raises FrameError 403 for any frame that this key and this account did not make."""
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError):
        raise FrameError(403, "not base64") from None
    if not sealed or len(sealed) % _BLOCK:
        raise FrameError(403, "not whole blocks")
    decryptor = _cipher(aes_key).decryptor()
    plain = _unpadded(decryptor.update(sealed) + decryptor.finalize())
    length = int.from_bytes(plain[_RANDOM:_HEAD], "big")
    message, owner = plain[_HEAD : _HEAD + length], plain[_HEAD + length :]
    if len(plain) < _HEAD or len(message) != length:
        raise FrameError(403, "the length is wrong")
    if not secrets.compare_digest(owner, appid.encode()):
        raise ForeignFrame
    return message


def encrypt(message: bytes, aes_key: str, appid: str, random: bytes | None = None) -> str:
    """`random` is 16 bytes and only given by tests that compare with known frames."""
    plain = (random or secrets.token_bytes(_RANDOM)) + len(message).to_bytes(4, "big") + message + appid.encode()
    padding = _BLOCK - len(plain) % _BLOCK
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def _unpadded(plain: bytes) -> bytes:
    padding = plain[-1]
    if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise FrameError(403, "the padding is wrong")
    return plain[:-padding]


def _cipher(aes_key: str) -> Cipher[CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(AES(key), CBC(key[:16]))
