"""What a sticker says. Whoever photographs one has its code, so a code only ever opens what everybody may see anyway."""

import re
import secrets
import unicodedata

# No I, O, 0, 1: five bits a letter. Sixteen of them are 80 bits, so that nobody finds a code by trying.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16
_CODE = re.compile(rf"[{_LETTERS}]{{{CODE_LENGTH}}}")

# The short one is typed by people who cannot scan: no vowels, so that it is never a word, and no digits, so that it is never
# a number. It is no secret; anybody may name a public place in words, too.
_TAG_LETTERS = "BCDFGHJKMNPQRTVWXY"
TAG_LENGTH = 5
_TAG = re.compile(rf"[{_TAG_LETTERS}]{{{TAG_LENGTH}}}")


def new_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))


def new_tag() -> str:
    return "".join(secrets.choice(_TAG_LETTERS) for _ in range(TAG_LENGTH))


def code_of_number(number: int) -> str:
    """The code for a number below 32**16; for places whose code must be the same every time, such as the demo's."""
    return _written(number, _LETTERS, CODE_LENGTH)


def tag_of_number(number: int) -> str:
    return _written(number, _TAG_LETTERS, TAG_LENGTH)


def read_code(scene: str) -> str | None:
    """The code that was scanned, or None for anything that cannot be one. Nothing else ever reaches the database."""
    scene = scene.strip()
    return scene if _CODE.fullmatch(scene) else None


def read_tag(text: str) -> str | None:
    """The five letters when they are the whole message: kmfpx, ＫＭＦＰＸ, km fpx."""
    if len(text) > 3 * TAG_LENGTH:
        return None
    letters = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    return letters if _TAG.fullmatch(letters) else None


def _written(number: int, letters: str, length: int) -> str:
    word = ""
    for _ in range(length):
        number, digit = divmod(number, len(letters))
        word += letters[digit]
    return word
