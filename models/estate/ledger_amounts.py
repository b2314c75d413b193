"""Amounts as ledgers hold them, in whole fen: 1,234.50, ￥165.33, 165.33元, 1.2万, 3w, 壹佰元, 十二元五角, (200)."""

import re
from decimal import Decimal

from models.estate.ledger_values import plain, says_nothing
from models.estate.numerals import chinese_number
from models.estate.unclear import Unclear

_WRITTEN = re.compile(r"(-?)[¥￥]?(-?)(\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)(万|W)?(?:元|块|圆)?整?")
_BRACKETS = re.compile(r"\(([\d,.]+)\)(?:元)?")
_SPELLED = re.compile(
    r"([零〇一二两三四五六七八九十百千万]+)[元块圆]"
    r"(?:([零一二两三四五六七八九])[角毛])?(?:零?([一二两三四五六七八九])分?)?整?"
)
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟萬", "一二三四五六七八九十百千万")
_SETTLED = {"√", "✓", "✔", "V", "已交", "已缴", "已收", "免", "减", "减免"}


def read_amount(text: str) -> int | None:
    """Fen, None for an empty cell or a dash; brackets are the accountants' minus. Raises Unclear.

    A mark such as 已交 or √ says that something was paid and not how much, so it is asked back and never read as 0.
    """
    words = re.sub(r"\s", "", plain(text)).translate(_FORMAL)
    if says_nothing(words):
        return None
    if words in _SETTLED:
        raise Unclear("这里只写了记号，没有写金额")
    if bracketed := _BRACKETS.fullmatch(words):
        words = "-" + bracketed[1]
    if written := _WRITTEN.fullmatch(words):
        return _fen(written)
    if spelled := _SPELLED.fullmatch(words):
        return _spelled_fen(spelled)
    raise Unclear("看不懂这个金额，请写成一个数字，例如 165.33")


def _fen(written: re.Match[str]) -> int:
    if written[1] and written[2]:
        raise Unclear("金额有两个负号")
    fen = Decimal(written[3].replace(",", "")) * (1_000_000 if written[4] else 100)
    if fen != int(fen):
        raise Unclear("金额超过两位小数，请四舍五入到分")
    return -int(fen) if written[1] or written[2] else int(fen)


def _spelled_fen(spelled: re.Match[str]) -> int:
    ten_thousands, _, rest = spelled[1].rpartition("万")
    jiao, cents = (int(chinese_number(digit) or 0) if digit else 0 for digit in (spelled[2], spelled[3]))
    if cents and not spelled[2] and not spelled[0].rstrip("整").endswith("分"):
        jiao, cents = cents, 0  # 两块五 is two yuan and five jiao
    return (_whole(ten_thousands) * 10_000 + _whole(rest)) * 100 + jiao * 10 + cents


def _whole(run: str) -> int:
    number = chinese_number(run) if run else "0"
    if number is None:
        raise Unclear("看不懂这个金额，请写成一个数字，例如 165.33")
    return int(number)
