"""F05: a frame with a right signature around a broken encryption is refused with the one error, never another."""

import base64
import struct

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.wechat.crypto import decrypt
from bot.wechat.errors import FrameError
from tests.bot.wechat.frames import AES_KEY, APPID, NOW, envelope, safe_gate, sealed, text_frame

KEY = base64.b64decode(AES_KEY + "=")


def enciphered(plain: bytes) -> str:
    encryptor = Cipher(algorithms.AES(KEY), modes.CBC(KEY[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def frame(message: bytes = text_frame(), appid: bytes = APPID.encode(), length: int | None = None) -> bytes:
    stated = len(message) if length is None else length
    return b"r" * 16 + struct.pack(">I", stated & 0xFFFFFFFF) + message + appid


def padded(plain: bytes, pad: int | None = None) -> bytes:
    missing = 32 - len(plain) % 32
    return plain + bytes([missing if pad is None else pad]) * missing


GOOD = enciphered(padded(frame()))
LENGTH = len(text_frame())


def broken():
    for pad in (0, 33, 34, 63, 64, 128, 254, 255):
        yield f"a padding of {pad}", enciphered(padded(frame(), pad))
    for place in range(2, 6):
        plain = bytearray(padded(frame(b"x" * 100)))
        plain[-place] ^= 1
        yield f"an inconsistent padding, byte {place} from the end", enciphered(bytes(plain))
    for length in (0, 1, LENGTH - 1, LENGTH + 1, LENGTH + 17, LENGTH + 18, LENGTH + 19, 10**6, 2**31, 2**32 - 1, -1):
        yield f"a stated length of {length} instead of {LENGTH}", enciphered(padded(frame(length=length)))
    for size in (1, 15, 16, 17, 31, 33, 48, 63):
        yield f"{size} bytes", base64.b64encode(b"x" * size).decode()
    for cut in (1, 2, 3, 4, 20, 22, 44):
        yield f"cut short by {cut}", GOOD[:-cut]
    yield from {
        "a space": " ",
        "only padding": "====",
        "not base64": "*" * 64,
        "URL-safe base64": "-_" * 32,
        "Chinese": "密文" * 22,
        "a line end inside": GOOD[:40] + "\n" + GOOD[40:],
        "a NUL inside": GOOD[:40] + "&#65533;" + GOOD[40:],
        "one letter": "A",
        "doubled": GOOD + GOOD,
        "in reverse": GOOD[::-1],
        "JSON": '{"a":1}',
        "zeros": base64.b64encode(bytes(64)).decode(),
        "noise": base64.b64encode(bytes(range(256))).decode(),
    }.items()
    yield "32 bytes of padding only", enciphered(b"\x20" * 32)
    yield "a message of nothing", enciphered(padded(b""))
    yield "19 bytes", enciphered(padded(b"r" * 19))
    yield "the head alone", enciphered(padded(b"r" * 20))
    for bit in range(0, 32, 5):
        yield f"bit {bit} of the stated length flipped", enciphered(padded(frame(length=LENGTH ^ (1 << bit))))


BROKEN = dict(broken())


@pytest.mark.parametrize("encrypted", [pytest.param(text, id=f"F05-{name}") for name, text in BROKEN.items()])
def test_a_broken_frame_is_refused(encrypted):
    with pytest.raises(FrameError) as refused:
        safe_gate().open(sealed(encrypted), envelope(encrypted), NOW)
    assert refused.value.status == 403


@pytest.mark.parametrize("bit", range(0, 128, 9), ids=lambda bit: f"F05-bit {bit} of the first length block flipped")
def test_a_flipped_bit_in_the_chain_is_refused_or_changes_only_the_random_part(bit):
    """CBC lets a bit of block n scramble block n and flip the same bit of n + 1; the appid at the end has to hold."""
    sealed_bytes = bytearray(base64.b64decode(GOOD))
    sealed_bytes[-48 + bit // 8] ^= 1 << bit % 8
    encrypted = base64.b64encode(sealed_bytes).decode()
    with pytest.raises(FrameError) as refused:
        safe_gate().open(sealed(encrypted), envelope(encrypted), NOW)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml>",
        b"not xml",
        b"<xml/>",
        b"<xml><Encrypt/></xml>",
        b"<xml><Encrypt><a>1</a></Encrypt></xml>",
        b"\xff",
    ],
    ids=lambda body: f"F05-envelope {body!r}",
)
def test_a_broken_envelope_is_refused(body):
    with pytest.raises(FrameError) as refused:
        safe_gate().open(sealed(""), body, NOW)
    assert refused.value.status in (400, 403)


def test_there_are_enough_of_them():
    assert len(BROKEN) >= 60
    assert safe_gate().open(sealed(GOOD), envelope(GOOD), NOW) == text_frame()


@pytest.mark.parametrize("length", [LENGTH + 1, 10**6, 2**32 - 1], ids=lambda length: f"F05-{length}")
def test_a_length_beyond_the_end_is_wrong_by_itself(length):
    with pytest.raises(FrameError, match="length"):
        decrypt(enciphered(padded(frame(appid=b"", length=length))), AES_KEY, appid="")


def test_bytes_that_are_no_text_come_out_for_the_reader_to_judge():
    message = b"<xml>\xff\xfe</xml>"
    encrypted = enciphered(padded(frame(message)))
    assert safe_gate().open(sealed(encrypted), envelope(encrypted), NOW) == message
