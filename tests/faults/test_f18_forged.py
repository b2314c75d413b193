"""Fault 18: a notice in somebody else's hand. Every header forged, missing and stale, every part of the body changed, at both doors:
refused with 401 and FAIL, nothing written; WeChat's own trial of our checks worries nobody."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.simulator import pay_signing
from bot.wechat.pay import WINDOW
from handlers.web import payment_callback
from tests.support.till import NOTIFY, REFUND_NOTIFY, Till, once

pytestmark = pytest.mark.thorough

Headers = dict[str, str]
Forge = Callable[[Till, Headers, bytes], tuple[Headers, bytes]]

SIGNATURE, KIND, SERIAL = "Wechatpay-Signature", "Wechatpay-Signature-Type", "Wechatpay-Serial"
STAMP, NONCE = "Wechatpay-Timestamp", "Wechatpay-Nonce"
PROBE = "WECHATPAY/SIGNTEST/"


def header(name: str, change: Callable[[str], str | None]) -> Forge:
    """This header changed after it was signed; None: left out."""

    def forge(till: Till, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        value = change(headers[name])
        rest = {key: kept for key, kept in headers.items() if key != name}
        return ({**rest, name: value} if value is not None else rest), body

    return forge


def as_if(name: str, value: str) -> Forge:
    return header(name, lambda _: value)


def signed_at(seconds: int) -> Forge:
    """Genuine, but signed so many seconds from now."""

    def forge(till: Till, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        return resigned(headers, body, stamp=str(int(till.clock.now().timestamp()) + seconds)), body

    return forge


def stamped(text: str) -> Forge:
    return lambda till, headers, body: (resigned(headers, body, stamp=text), body)


def resigned(headers: Headers, body: bytes, *, stamp: str = "", key: str = "platform") -> Headers:
    """The headers for this body, rightly signed by this key."""
    stamp = stamp or headers[STAMP]
    signature = pay_signing.sign(pay_signing.private_key(key), stamp, headers[NONCE], body.decode())
    return {**headers, STAMP: stamp, SIGNATURE: signature}


def body_as(change: Callable[[bytes], bytes], *, sign: bool = False) -> Forge:
    """Another body; `sign`: rightly signed, so that only what is inside can give it away."""

    def forge(till: Till, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        other = change(body)
        return (resigned(headers, other) if sign else headers), other

    return forge


def resource(**changed: Any) -> Forge:
    """A signed notice whose envelope says something else; None: left out."""

    def change(body: bytes) -> bytes:
        told = json.loads(body)
        told["resource"] = {k: v for k, v in {**told["resource"], **changed}.items() if v is not None}
        return json.dumps(told).encode()

    return body_as(change, sign=True)


def flipped(text: str) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[7] ^= 1
    return base64.b64encode(raw).decode()


V2 = (
    "<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code><total_fee>{fen}</total_fee>"
    "<out_trade_no>{number}</out_trade_no><sign>C380BEC2BFD727A4B6845133519F3AD6</sign></xml>"
)
FORGED: dict[str, Forge] = {
    **{f"{name} is missing": header(name, lambda _: None) for name in (SIGNATURE, KIND, SERIAL, STAMP, NONCE)},
    **{f"{name} is empty": as_if(name, "") for name in (SIGNATURE, KIND, SERIAL, STAMP, NONCE)},
    # the signature
    "a bit of the signature": header(SIGNATURE, flipped),
    "half a signature": header(SIGNATURE, lambda text: text[: len(text) // 2]),
    "a signature in capitals": header(SIGNATURE, str.upper),
    "no base64": as_if(SIGNATURE, "这不是签名"),
    "an asterisk in it": header(SIGNATURE, lambda text: f"*{text[1:]}"),
    "zeros": as_if(SIGNATURE, base64.b64encode(bytes(256)).decode()),
    "a very long one": as_if(SIGNATURE, "QUJD" * 5_000),
    "signed by ourselves": lambda till, headers, body: (resigned(headers, body, key="merchant"), body),
    "of another body": lambda till, headers, body: (resigned(headers, body + b" "), body),
    "a trial": header(SIGNATURE, lambda text: PROBE + text),
    "a trial and nothing more": as_if(SIGNATURE, PROBE),
    "a trial in small letters": header(SIGNATURE, lambda text: PROBE.lower() + text),
    # whose key
    "an unknown key": as_if(SERIAL, "PUB_KEY_ID_0000000000000000000000000001"),
    "a certificate": as_if(SERIAL, "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"),
    "our own certificate": lambda till, headers, body: (
        {**headers, SERIAL: till.world.platform.payments.merchant.cert_serial}, body
    ),
    "the key in small letters": header(SERIAL, str.lower),
    "the key and a space more": header(SERIAL, lambda text: f"{text}x"),
    "a key outside ASCII": as_if(SERIAL, "公钥"),
    # what kind of signature
    "SM2": as_if(KIND, "WECHATPAY2-SM2-WITH-SM3"),
    "SHA1": as_if(KIND, "WECHATPAY2-SHA1-RSA2048"),
    "none": as_if(KIND, "none"),
    "the kind in small letters": header(KIND, str.lower),
    "HMAC": as_if(KIND, "HMAC-SHA256"),
    # when
    **{f"signed {seconds:+d} seconds from now": signed_at(seconds)
       for seconds in (-WINDOW, -WINDOW - 1, -600, -86_400, -10**9, WINDOW, WINDOW + 1, 3_600, 86_400, 10**10)},
    **{f"the time {text!r}": stamped(text) for text in ("0", "-1", "abc", "1e9", "17731062٠٠", "9" * 30, "2026-03-10")},
    "a time in milliseconds": header(STAMP, lambda text: f"{text}000"),
    "the time of another try": header(STAMP, lambda text: str(int(text) + 1)),
    "the nonce of another try": header(NONCE, lambda text: text[::-1]),
    # what it says
    "a space more": body_as(lambda body: body + b" "),
    "a letter changed": body_as(lambda body: body.replace(b"TRANSACTION", b"TRANSACTIOM")),
    "a letter of the sealed part": body_as(lambda body: body.replace(b'"ciphertext": "', b'"ciphertext": "A')),
    "no UTF-8": body_as(lambda body: body + b"\xff\xfe"),
    "broken off": body_as(lambda body: body[: len(body) // 2]),
    "empty": body_as(lambda body: b""),
    "spelled anew": body_as(lambda body: json.dumps(json.loads(body)).encode()),
    "in the words of the second version": body_as(lambda body: V2.format(fen=100, number="L1").encode()),
    "the second version, signed": body_as(lambda body: V2.format(fen=100, number="L1").encode(), sign=True),
    "larger than any notice": body_as(lambda body: body + b" " * (64 << 10), sign=True),
    # rightly signed, and still not for us
    "signed nothing": body_as(lambda body: b"", sign=True),
    "signed null": body_as(lambda body: b"null", sign=True),
    "a signed list": body_as(lambda body: b"[" + body + b"]", sign=True),
    "a signed number": body_as(lambda body: b"1", sign=True),
    "signed and not JSON": body_as(lambda body: body[:-1], sign=True),
    "signed and deep": body_as(lambda body: b"[" * 30_000, sign=True),
    "no resource": body_as(lambda body: b'{"event_type": "TRANSACTION.SUCCESS"}', sign=True),
    "a resource that is a text": body_as(lambda body: b'{"resource": "x", "resource_type": "encrypt-resource"}', sign=True),
    "no ciphertext": resource(ciphertext=None),
    "a ciphertext that is none": resource(ciphertext="QUJD"),
    "an empty ciphertext": resource(ciphertext=""),
    "a ciphertext that is a number": resource(ciphertext=1),
    "another nonce inside": resource(nonce="123456789012"),
    "no nonce inside": resource(nonce=None),
    "other associated data": resource(associated_data="refund2"),
    "an algorithm nobody knows": resource(algorithm="AEAD_SM4_GCM"),
    "no algorithm": resource(algorithm=None),
    "sealed for another merchant": resource(
        ciphertext=pay_signing.encrypt("f" * 32, json.dumps({"mchid": "1"}), "123456789012", "transaction"),
        nonce="123456789012", associated_data="transaction",
    ),
}  # fmt: skip
GENUINE: dict[str, Forge] = {
    f"signed {seconds:+d} seconds from now": signed_at(seconds) for seconds in (-WINDOW + 1, -60, 0, 60, WINDOW - 1)
}


def test_f18_a_forged_notice_does_nothing_at_either_door(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(FORGED) >= 40
    warned: list[str] = []
    monkeypatch.setattr(payment_callback.log, "warning", lambda words, **_: warned.append(words))
    home = till.home(10_000)
    slip = till.order(home, 10_000)
    headers, body = till.notice(till.told(slip))
    before = (till.rows(), till.standing(home))
    for name, forge in FORGED.items():
        warned.clear()
        for path in (NOTIFY, REFUND_NOTIFY):
            assert till.tells(*forge(till, headers, body), path=path) == 401, name
        assert (till.rows(), till.standing(home)) == before, name
        trial = name.startswith("a trial") and "small" not in name
        large = "larger" in name
        assert len(warned) == (0 if trial or large else 2), name
    assert till.flaws() == []
    for name, forge in GENUINE.items():
        assert till.tells(*forge(till, headers, body)) == 200, name
    assert till.standing(home) == once(10_000, paid=10_000)
    assert till.flaws() == []
