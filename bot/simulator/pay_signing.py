"""WeChat Pay's signatures and encryption, written from its own description; shares nothing with bot/wechat/pay.py, so that each
can be held against the other."""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

KEYS = Path(__file__).parent / "keys"
_PART = re.compile(r'(\w+)="([^"]*)"')


@cache
def private_key(name: str) -> RSAPrivateKey:
    key = load_pem_private_key((KEYS / f"{name}_private.pem").read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{name} is no RSA key")
    return key


@cache
def public_key(name: str) -> RSAPublicKey:
    key = load_pem_public_key((KEYS / f"{name}_public.pem").read_bytes())
    if not isinstance(key, RSAPublicKey):
        raise TypeError(f"{name} is no RSA key")
    return key


def sign(key: RSAPrivateKey, *lines: str) -> str:
    return base64.b64encode(key.sign(_text(lines), PKCS1v15(), SHA256())).decode()


def verifies(key: RSAPublicKey, signature: str, *lines: str) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), _text(lines), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def encrypt(apiv3_key: str, text: str, nonce: str, about: str) -> str:
    return base64.b64encode(AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), text.encode(), about.encode())).decode()


def older(fields: Mapping[str, str], key: str) -> str:
    """The signature of the older interface (MD5): what is not empty, in the order of the names, then the merchant's key."""
    said = [f"{name}={text}" for name, text in sorted(fields.items()) if text and name != "sign"]
    return hashlib.md5("&".join([*said, f"key={key}"]).encode()).hexdigest().upper()  # noqa: S324 - the platform's choice


def parts_of(authorization: str) -> dict[str, str]:
    """mchid, nonce_str, signature, timestamp, serial_no of an Authorization header, as far as they are there."""
    return dict(_PART.findall(authorization))


def _text(lines: tuple[str, ...]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
