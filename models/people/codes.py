"""One-time codes people read aloud, copy from paper and type with big thumbs.

Eight characters without look-alikes: where two look the same (8 B, 5 S, 2 Z, V U) only the first is used and the second is
read as the first; 0 O 1 I L are not used at all. A code that binds a home begins with a letter, an invitation for staff with a
digit, so that a bare code says by itself what it is for. Only a digest is kept: who reads the database cannot use a code.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import timedelta
from typing import Literal

Purpose = Literal["home", "staff"]

LENGTH = 8
VALID_FOR = timedelta(days=7)
_DIGITS = "23456789"
_LETTERS = "ACDEFGHJKMNPQRTVWXY"
_READ_AS = str.maketrans("BSZU", "852V")
_CODE = re.compile(
    rf"(?<![A-Z0-9])[{_DIGITS}{_LETTERS}BSZU](?:[ -]?[{_DIGITS}{_LETTERS}BSZU]){{{LENGTH - 1}}}(?![A-Z0-9])"
)


def new_code(purpose: Purpose) -> str:
    """About 37 bits of chance, at least two letters and two digits, so that neither a word nor a phone number is ever a code."""
    first = _LETTERS if purpose == "home" else _DIGITS
    while True:
        code = secrets.choice(first) + "".join(secrets.choice(_DIGITS + _LETTERS) for _ in range(LENGTH - 1))
        if _is_mixed(code):
            return code


def read_code(text: str) -> str | None:
    """The one code in what somebody said (small letters, full-width letters, a blank or dash in the middle), or None."""
    text = unicodedata.normalize("NFKC", text).upper()
    found = [re.sub(r"[ -]", "", match).translate(_READ_AS) for match in _CODE.findall(text)]
    codes = [code for code in found if _is_mixed(code)]
    return codes[0] if len(codes) == 1 else None


def purpose_of(code: str) -> Purpose:
    return "home" if code[0] in _LETTERS else "staff"


def digest(code: str, pepper: str) -> str:
    """What the database keeps. `pepper` is a secret of the installation; without it a stolen table could be tried out."""
    return hmac.new(pepper.encode(), f"one-time code {code}".encode(), hashlib.sha256).hexdigest()


def _is_mixed(code: str) -> bool:
    digits = sum(letter in _DIGITS for letter in code)
    return 2 <= digits <= LENGTH - 2
