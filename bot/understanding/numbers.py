"""Numbers as they are spoken: 三百六 is 360, 五零一 is 501, 幺洞拐 is 107."""

import re
from decimal import Decimal

DIGITS = {
    **{c: i for i, c in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "洞": 0,
    "幺": 1,
    "两": 2,
    "俩": 2,
    "拐": 7,
    "勾": 9,
}
PLACES = {"十": 10, "百": 100, "千": 1000}

_COUNTED = "一二三四五六七八九两"
# Three or more digits in a row are read out one by one: room numbers, telephone numbers.
_READ_OUT = re.compile(r"[零〇一二三四五六七八九幺两拐洞勾]{3,}(?![十百千])")
# A number with places: 三百六, 两千五, 一百六十五块三, 十二. 几十 and 十几 stay words; so do 十分 and 百分之.
_WITH_PLACES = re.compile(
    rf"(?<![几第好百])(?:(?<!数)十[{_COUNTED}]?|[{_COUNTED}]十[{_COUNTED}]?(?:万[零〇{_COUNTED}十百千]*)?|[{_COUNTED}][百千万][零〇{_COUNTED}十百千万]*)"
    rf"(?![几多来全足{_COUNTED}十百千万]|分(?!钟))"
)
_TWO_ONES = re.compile(rf"[百千万][{_COUNTED}]{{2}}$")
# A single spoken digit becomes a figure only where a counted thing follows; 一点 and 一下 stay words.
_BEFORE_A_UNIT = re.compile(
    rf"(?<![几十百千万星周期])[{_COUNTED}](?=(?:栋|幢|座|单元|号|楼|层|门(?!口|铃|锁)|室|星|块|元|月|度电|方水|毛))"
)
_CLOCK = re.compile(rf"(?<=[午上里晨天晚])[{_COUNTED}](?=点)|[二三四五六七八九两](?=点(?:钟|半|以|之|前|后|左|到))")
_COLLOQUIAL = re.compile(r"(\d+)[块元](\d)(?:毛|角)?(\d)?(?!\d|[块元个])")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MONEY = re.compile(r"([¥￥]?)(?<![\d.-])(\d+(?:\.\d+)?)(万|[wW千kK](?![a-zA-Z]))?(块|元|圆)?")


def spoken_integer(words: str) -> int | None:
    """The value of Chinese or Western figures ("十二", "三百六", "１２" after folding, "五零一"); None when it is no number."""
    if not words:
        return None
    if words.isascii() and words.isdigit():
        return int(words)
    if all(c in DIGITS for c in words):
        return int("".join(str(DIGITS[c]) for c in words))
    return _by_places(words)


def _by_places(words: str) -> int | None:
    total = section = digit = 0
    place = 10
    for char in words:
        if char in DIGITS:
            digit = DIGITS[char]
            if digit == 0:
                place = 10  # 一百零五: what follows a zero is ones
        elif char in PLACES:
            place = PLACES[char]
            section += (digit or 1) * place
            digit = 0
        elif char == "万":
            place = 10000
            total, section, digit = (section + digit) * place, 0, 0
        else:
            return None
    # 三百六 leaves out the last place: it is 360, while 三百零六 and 十六 say their ones.
    elided = digit and place >= 100 and words[-2] not in "零〇"
    return total + section + (digit * place // 10 if elided else digit)


def number_and_rest(words: str) -> tuple[str, str]:
    """Two ones in a row are of two numbers: 二百八一个月 is 280 and one month."""
    return (words[:-1], words[-1]) if _TWO_ONES.search(words) else (words, "")


def _figures(match: re.Match[str]) -> str:
    words, rest = number_and_rest(match.group())
    value = spoken_integer(words)
    if value is None:
        return match.group()
    before = match.string[match.start() - 1 : match.start()]
    figures = f" {value}" if before.isascii() and before.isdigit() else str(value)  # 1203九月 is no 12039
    return figures + rest


def _read_out(match: re.Match[str]) -> str:
    return "".join(str(DIGITS[c]) for c in match.group())


def with_figures(text: str) -> str:
    """The same text with spoken numbers written as figures, where that is safe."""
    text = _READ_OUT.sub(_read_out, text)
    text = _WITH_PLACES.sub(_figures, text)
    text = _CLOCK.sub(_figures, text)
    return _BEFORE_A_UNIT.sub(_figures, text)


def amount_in(text: str) -> Decimal | None:
    """The amount of money in yuan said in `text` (with figures): 360块, 1块8毛5, 165.3元, 1.2万, 3w; None when none is."""
    plain = _THOUSANDS.sub("", text)
    if match := _COLLOQUIAL.search(plain):
        yuan, jiao, fen = match.groups()
        return Decimal(f"{yuan}.{jiao}{fen or ''}")
    for sign, figures, scale, unit in _MONEY.findall(plain):
        if sign or scale or unit:
            return Decimal(figures) * {"万": 10000, "w": 10000, "千": 1000, "k": 1000}.get(scale.lower(), 1)
    return None
