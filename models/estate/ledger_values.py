"""What one cell of a ledger says: an area, phones, names, a storey. What nobody should guess is asked back, never repaired.

Vectors: domain research 7.2 and 7.4.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from sys import intern

from models.estate.numerals import numerals_to_digits
from models.estate.unclear import Unclear

_DIGITS = re.compile(r"\d+(?:\.\d*)?|\.\d+")
# What clerks write where there is nothing to write.
_NOTHING = {"", "-", "--", "—", "——", "/", "\\", "无", "空", "暂无", "没有", "未知", "不详", "N/A", "NULL"}


@dataclass(frozen=True)
class Names:
    """Who a cell of names speaks of: `孙英娟（租户赵丽）` is an owner and a tenant, `张三/李四` are two owners."""

    owners: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Half-width, upper case, without spaces at the ends."""
    return text.upper().strip() if text.isascii() else unicodedata.normalize("NFKC", text).upper().strip()


def says_nothing(text: str) -> bool:
    """Whether the cell is empty, or holds one of the marks for "nothing here"."""
    return plain(text) in _NOTHING


# ----------------------------------------------------------------------------------------------------------------------- areas

_AREA_UNIT = re.compile(r"(?:M2|平方米|平米|平方|平)$")


def read_hundredths(text: str) -> int | None:
    """A plain number, with or without a unit of area, in hundredths (half up); None when the cell holds no such number."""
    number = _AREA_UNIT.sub("", plain(text)).strip()
    if not _DIGITS.fullmatch(number) or len(number) > 20:
        return None
    return int((Decimal(number) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def square_metres(hundredths: int) -> str:
    """An area as people read it: 8937 is 89.37."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def read_area(text: str) -> int | None:
    """An area in 0.01 m², or None for an empty cell: 89.37, 89.37㎡, 89.37平. More places are rounded half up.

    Raises Unclear outside 5–2000 m² and for words, sums (45+44.37) and commas (89,37).
    """
    if says_nothing(text):
        return None
    area = read_hundredths(text)
    if area is None:
        raise Unclear("面积要写成一个数字，例如 89.37")
    if not 500 < area < 200_000:
        raise Unclear("面积应在 5 到 2000 平方米之间")
    return area


def read_floor(text: str) -> int | None:
    """The storey, below ground negative: 5, 5楼, 5层, 负一, -1, B1. None for an empty cell. Raises Unclear."""
    if says_nothing(text):
        return None
    floor = re.sub(r"^(?:负|地下|B)", "-", re.sub(r"(?:[楼层F]|\.0)$", "", numerals_to_digits(plain(text))))
    if not re.fullmatch(r"-?[1-9]\d?", floor):
        raise Unclear("楼层要写成数字，例如 5")
    return int(floor)


# ---------------------------------------------------------------------------------------------------------------------- phones

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d)\d{8}|0[3-9]\d{2}\d{7,8}|[2-8]\d{6,7}|[48]00\d{7}")
_PLACEHOLDER = re.compile(r"(\d)\1{6,}|1\d\d0{8}|1?2345678\d*")


def read_phones(text: str) -> tuple[str, ...]:
    """The phones in a cell, digits only, in order: two with `/`, with names, with spaces, dashes or +86.

    Raises Unclear for lost digits (1.39E+10), a digit too few or too many, and made-up numbers (13800000000).
    """
    if says_nothing(text):
        return ()
    words = plain(text).lstrip("'")
    if re.search(r"\dE\+?\d", words):
        raise Unclear("号码被表格改成了科学计数，后面的数字丢了")
    phones: list[str] = []
    for part in re.split(r"[/、,;|\n]|(?<=\d{7})\s*(?:和|或|及)\s*(?=\d)", words):
        if part.strip():
            phones.extend(_phones_in(part))
    if not phones:
        raise Unclear("没有找到电话号码")
    return tuple(dict.fromkeys(phones))


def _phones_in(part: str) -> list[str]:
    """One number written with spaces, or several with only spaces or names between them."""
    # A name before, after or in brackets around a number belongs to somebody, not to the number.
    spoken = re.sub(r"[一-鿿A-Z()（）:·.]+", " ", re.sub(r"\.0$", "", part)).strip()
    together = _one_phone(spoken)
    if together:
        return [together]
    pieces = [_one_phone(piece) for piece in spoken.split()]
    if not pieces or None in pieces:
        raise Unclear("电话号码应是 11 位手机号，或带区号的座机")
    return [piece for piece in pieces if piece]


def _one_phone(written: str) -> str | None:
    digits = re.sub(r"^(?:\+|00)?86(?=1[3-9])", "", re.sub(r"[\s-]", "", written))
    if _PLACEHOLDER.fullmatch(digits):
        raise Unclear("像是随便填的号码，没有电话请留空")
    return digits if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) else None


def masked(value: str) -> str:
    """A cell as it may be shown: long runs of digits keep three in front and four behind, long text is cut."""
    hidden = re.sub(r"\d{7,}", lambda run: run.group()[:3] + "*" * (len(run.group()) - 7) + run.group()[-4:], value)
    flat = re.sub(r"\s+", " ", hidden)
    return flat if len(flat) <= 40 else flat[:40] + "…"


# ----------------------------------------------------------------------------------------------------------------------- names

_NAME = re.compile(r"[㐀-鿿A-Z][㐀-鿿A-Z·.\d()&' -]{0,39}")
_IDENTITY_NUMBER = re.compile(r"[\s:(]{0,4}(?:身份证号?)?[\s:]{0,4}(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)\)?")
_TENANT_WORD = r"(?:租户|租客|承租人|租)"


def read_names(text: str) -> Names:
    """Owners and tenants in a cell: co-owners with `/` or 、, a tenant in brackets, an identity number behind left out.

    Raises Unclear for what is no name, and for an owner said to be dead (somebody must say who follows).
    """
    if says_nothing(text):
        return Names()
    words = _IDENTITY_NUMBER.sub("", unicodedata.normalize("NFKC", text)).strip()
    if re.search(r"已故|去世|过世", words):
        raise Unclear("写着业主已故，请写现在的业主")
    tenants: list[str] = []
    for said in re.findall(rf"\({_TENANT_WORD}[::]?([^()]+)\)", words):
        tenants.extend(_split_names(said))
    owners = _split_names(re.sub(rf"\({_TENANT_WORD}[::]?[^()]+\)", "", words))
    return Names(tuple(owners), tuple(tenants))


def _split_names(words: str) -> list[str]:
    names = [_one_name(part) for part in re.split(r"[/、,;\n]", words) if part.strip()]
    return list(dict.fromkeys(names))


def _one_name(words: str) -> str:
    # 张  三 was spaced out to look as wide as a name of three; Latin names keep their spaces.
    name = re.sub(r"(?<=[㐀-鿿])\s+(?=[㐀-鿿])", "", words.strip())
    is_company = re.search(r"公司|店|厂|行|部|院|局|社|会$", name)
    if not _NAME.fullmatch(name.upper()) or ("(" in name and not is_company) or re.search(r"\d{5,}", name):
        raise Unclear("看不懂这个姓名")
    return intern(name)  # the same few names come again and again in a long ledger
