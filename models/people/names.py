"""Names as people write them, and names that may be shown or logged."""

import hashlib
import hmac
import re
import unicodedata

_TITLES = ("先生", "女士", "小姐", "太太", "同志", "阿姨", "叔叔", "大爷", "大妈", "老师", "师傅")
_ONLY_CHINESE = re.compile(r"[一-鿿]*")
_NOT_A_LETTER = re.compile(r"[\s·•・‧.．\-_,，]+")


def plain_name(name: str) -> str:
    """A name as it is compared: full-width letters, blanks, dots and a polite title make no difference."""
    if not _ONLY_CHINESE.fullmatch(name):
        name = unicodedata.normalize("NFKC", name)
        name = "".join(
            letter for letter in name if unicodedata.category(letter) != "Cf"
        )  # zero-width marks cannot be seen
        name = _NOT_A_LETTER.sub("", name).casefold()
    if not name.endswith(_TITLES):
        return name
    for title in _TITLES:
        # 王先生 keeps its title: one letter alone is nobody's whole name.
        if name.endswith(title) and len(name) - len(title) >= 2:
            return name.removesuffix(title)
    return name


def same_name(said: str, on_record: str) -> bool:
    """Compared in constant time, so that the time an answer takes tells nothing about the name on record."""
    return same_secret(plain_name(said), plain_name(on_record)) and bool(plain_name(said))


def same_secret(said: str, on_record: str) -> bool:
    return hmac.compare_digest(said.encode(), on_record.encode())


def masked_name(name: str) -> str:
    """李娜 as other people of the house may read it: 李*."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else "*"


def masked_phone(phone: str) -> str:
    """138****8000; a number too short to hide anything is left out."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else ""


def wechat_name(account: str, openid: str) -> str:
    """A WeChat in the audit log: always the same for the same person, and no way back to the openid."""
    return "wechat:" + hashlib.sha256(f"{account}/{openid}".encode()).hexdigest()[:10]
