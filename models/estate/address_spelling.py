"""One spelling for the many ways of writing and saying building, entrance, storey, dash and digit."""

import re
import unicodedata

from models.estate.numerals import CHARACTERS, numerals_to_digits

_NUMBER = rf"[\d{CHARACTERS}]"
_DOOR = r"(?:门洞|单元|门|梯)"

# In this order, because a later line relies on the earlier ones.
_BEFORE_NUMERALS = (
    (r"[‐‑‒–—―−﹣ー─﹘_]", "-"),
    (r"\s*-\s*", "-"),
    # Before spaces go: in 进度3 #12 the # belongs to an order, in 3#2-501 to a building.
    (rf"(?<={_NUMBER})(?:号楼|#楼|号栋|幢|#(?=$|{_NUMBER}))|(?<=[A-Z\d])座", "栋"),
    (r"(?<!\d)\s+|\s+(?!\d)", ""),
    (r"单员", "单元"),
    (r"两(?=单元|号楼)|(?<=栋)两(?=门)", "2"),
    (r"(?:负|地下)[一1](?:楼|层)?-?(?=\d|[零〇])", "B1-"),
    (r"(?:负|地下)[二2](?:楼|层)?-?(?=\d|[零〇])", "B2-"),
    (r"(?:负|地下)[三3](?:楼|层)?-?(?=\d|[零〇])", "B3-"),
    # 东, 动 and 洞 are what a voice makes of 栋; they count as 栋 only between a number and an entrance or a room.
    (rf"(?<={_NUMBER})[东动洞](?={_NUMBER}{{1,3}}{_DOOR})", "栋"),
    (rf"(?<={_NUMBER})[东动](?={_NUMBER}{{3,4}}(?!{_NUMBER}))|(?<=\d)洞(?=\d{{3,4}}(?!\d))", "栋"),
)
_AFTER_NUMERALS = (
    (r"第(?=\d)", ""),
    (r"(?<=\d)[杠横](?=\d)", "-"),
    # The old say 楼 for 栋 and 门 for 单元; both mean something else unless numbers stand on both sides.
    (rf"(?<=\d)楼(?=\d{{1,2}}{_DOOR})|(?<!月\d)(?<!月\d\d)(?<=\d)号(?=\d{{1,2}}{_DOOR})", "栋"),
    (r"(?<=栋)[的,](?=\d)", ""),
    (r"(?<=栋)(\d{1,2})(?:门洞|门|梯)", r"\1单元"),
    (r"(?<!\d)(\d{1,2})(?:门洞|门|梯)(?=-?\d)", r"\1单元"),
    (r"(?<=单元)[的,](?=\d)", ""),
    # 5楼501 says the storey twice, 12楼03 says the room in two pieces, 3楼501 can only mean the building.
    (r"(?<!\d)(\d{1,2})[楼层][的-]?(?=\1\d\d(?!\d))", ""),
    (r"(?<!\d)(\d{1,2})[楼层]-?(?=0[1-9](?!\d)|\d\d室)", r"\1"),
    (r"(?<!\d)(\d{1,2})楼-?(?=\d{3,4}(?!\d))", r"\1栋"),
)


_BEFORE = tuple((re.compile(pattern), replacement) for pattern, replacement in _BEFORE_NUMERALS)
_AFTER = tuple((re.compile(pattern), replacement) for pattern, replacement in _AFTER_NUMERALS)
# Long ledgers are written like this, and none of the above has anything to do there.
_SPELLED = re.compile(r"[0-9A-Z]+(?:-[0-9A-Z]+)*")


def one_spelling(text: str) -> str:
    """The same words in one spelling: `三幢二门五〇一` and `３＃２－５０１` become `3栋2单元501` and `3栋2-501`."""
    text = unicodedata.normalize("NFKC", text).upper().strip()
    if _SPELLED.fullmatch(text):
        return text
    for pattern, replacement in _BEFORE:
        text = pattern.sub(replacement, text)
    text = numerals_to_digits(text)
    for pattern, replacement in _AFTER:
        text = pattern.sub(replacement, text)
    return text
