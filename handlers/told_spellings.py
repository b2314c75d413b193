"""Sums as people write and speak them, put into figures before anybody asks which of them is a sum: 廿块, 俩百, 2百8, 1w5, 零点一元,
一块零八, 差三分. What `standard` has made figures of already is left as it is."""

import re
from collections.abc import Callable

from bot.understanding.numbers import DIGITS, spoken_integer

_ONES = "一二两三四五六七八九"
# 一百多, 三百来块: roughly so much is told as so much. (Exact spoken numbers are figures already.)
_ROUGHLY = re.compile(
    r"(?<![\d几第])([一二两三四五六七八九十][一二三四五六七八九十百千万零]*)(?=[多来几]块?钱?(?!天|年|个|人|户|次|岁|级|平|米|分|点|回|号|斤))"
)
# 一万二全给, 二十二一平: what follows looked like a part of the number.
_STILL_SPOKEN = re.compile(
    rf"(?<![\d几第零好点{_ONES}十百千万])(?:[{_ONES}](?:[十百千万]零?[{_ONES}]?)+|十[{_ONES}]?)(?=[一1每]个|[{_ONES}]个?[平吨方度月年]|全|足|整|分[摊开两])|(?<=[说讲]好)[{_ONES}](?:[十百千万]零?[{_ONES}]?)+"
)
_THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?=\.\d|\s*[块元])|(?<=[¥￥])\d{1,3}(?:,\d{3})+(?!\d)")
_ON_A_CHEQUE = re.compile(r"[壹贰叁肆伍陆柒捌玖拾佰仟零万]{2,}")
_PLAINLY = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_UNIT = r"(?=元|块|毛|万|[一1每]?[平度吨方])"
_MIXED = r"(?<![\d.])(\d+)[块元塊]"
_A_UNIT_OF_USE = r"(?=[1一每]?个?(?:平|度|吨|方|立方|㎡))"


def _spoken(match: re.Match[str]) -> str:
    return str(spoken_integer(match[0]) or match[0])


def _decimal(match: re.Match[str]) -> str:
    whole = spoken_integer(match[1])
    return match[0] if whole is None else f"{whole}." + "".join(str(DIGITS.get(c, c)) for c in match[2])


_SPELLINGS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<=[1-9])00廿"), "20"),
    (re.compile(rf"廿([{_ONES}])"), lambda match: f"2{DIGITS[match[1]]}"),
    (re.compile(rf"卅([{_ONES}])"), lambda match: f"3{DIGITS[match[1]]}"),
    (re.compile(r"卅(?=\d)"), "3"),
    (re.compile(r"廿(?=\d)"), "2"),
    (re.compile(rf"(?<![\d{_ONES}十百千廿卅])[{_ONES}](?=蚊(?![{_ONES}半]))"), _spoken),
    (re.compile("卅"), "30"),
    (re.compile("廿"), "20"),
    (re.compile("俩(?=[百千万])"), "两"),
    (re.compile(rf"(?<=[{_ONES}])[白佰](?=[多几来块{_ONES}])"), "百"),
    (re.compile(rf"(?<![{_ONES}\d十百千第])[{_ONES}][百千万][{_ONES}]?(?=块|元)"), _spoken),
    (
        re.compile(r"(?<=[过超上])[百千万](?=[的,，。]|$)"),
        lambda match: str({"百": 100, "千": 1000, "万": 10000}[match[0]]),
    ),
    (re.compile(r"(?<![\d.])([1-9])百([1-9])(?!\d)"), r"\g<1>\g<2>0"),
    (re.compile(r"(?<![\d.])(\d{1,2})[wW万]([1-9])(?![\d.])"), r"\g<1>\g<2>000"),
    (re.compile(r"(?<![\d.])([1-9])[kK千]([1-9])(?![\d.])"), r"\g<1>\g<2>00"),
    (re.compile(r"十([1-9]?)(?:0000(?!\d)|万)"), lambda match: f"1{match[1] or 0}万"),  # 十八万
    (re.compile(rf"([{_ONES}零]|\d+)点([{_ONES}零\d]+){_UNIT}"), _decimal),
    (re.compile(rf"{_MIXED}零([1-9{_ONES}])"), lambda match: f"{match[1]}.0{DIGITS.get(match[2], match[2])}元"),
    (re.compile(rf"{_MIXED}(\d)(\d)1?{_A_UNIT_OF_USE}"), r"\1.\2\3元"),  # 一块八五一平
    (
        re.compile(rf"(?<=[多少差])([了收算]?)([2-9{_ONES[1:]}])分(?![钟之数票]|\d)"),
        lambda match: f"{match[1]}0.0{DIGITS.get(match[2], match[2])}元",
    ),
    (re.compile(r"(?<=[改设变清归][成为])零(?=$|[,，。了])"), "0"),
    (_ON_A_CHEQUE, lambda match: str(spoken_integer(match[0].translate(_PLAINLY)) or match[0])),
    (_THOUSANDS, lambda match: match[0].replace(",", "")),
    (_STILL_SPOKEN, _spoken),
    (_ROUGHLY, lambda match: str(spoken_integer(match[1]) or match[1])),
)


def in_figures(words: str) -> str:
    """`words`: standard text."""
    for pattern, figures in _SPELLINGS:
        words = pattern.sub(figures, words)
    return words
