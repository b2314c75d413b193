"""A common cost as a manager says it: 「公摊 电梯电费 2460.00 3栋 按户 扣除300 商铺」."""

import re
from typing import Any

from bot.understanding.normalise import fold
from models.estate.addresses import find_addresses
from models.estate.ledger_amounts import read_amount
from models.estate.unclear import Unclear

_PERIOD = re.compile(r"(20\d{2})[-年./](\d{1,2})月?(?![\d.])")
_EXCLUDED = re.compile(r"(?:扣除|减去|除去|不分)\s*(\d+(?:\.\d{1,2})?)元?\s*([^\s\d]*)")
_MIXED = re.compile(r"(\d{1,3})%按面积\S*|面积(\d{1,3})%\S*|混合\s*(\d{1,3})%?")
_BASES = (
    ("household", re.compile(r"按户(?:数|平均)?分?|每户一样")),
    ("area", re.compile(r"按面积分?")),
    ("usage", re.compile(r"按用(?:水|电)?量分?")),
    ("floor", re.compile(r"按楼层(?:系数)?分?")),
)
_SCOPE = re.compile(r"全小区|全体|整个小区")
_AMOUNT = re.compile(r"(?<![\d.-])(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,9}(?:\.\d{1,2})?)(?:元|块)?(?![\d.])")


def pool_said(text: str, compounds: tuple[str, ...]) -> dict[str, Any]:
    """Its parts, as far as they were said: name, amount and excluded (fen), period, base, area_part, building, entrance."""
    words = re.sub(r"^(?:登记|录入)?公摊[\s:：,，]*", "", fold(text))
    for compound in compounds:
        words = words.replace(compound, " ")
    said: dict[str, Any] = {}
    if match := _PERIOD.search(words):
        said["period"] = f"{match[1]}-{int(match[2]):02d}"
        words = words.replace(match[0], " ")
    if match := _EXCLUDED.search(words):
        said["excluded"], said["excluded_why"] = _fen(match[1]), match[2]
        words = words.replace(match[0], " ")
    words = _base(words, said)
    words = _SCOPE.sub(" ", words)
    for part in words.split():
        homes = find_addresses(part)
        if homes and not homes[0].room:
            said["building"], said["entrance"] = homes[0].building, homes[0].entrance
            words = words.replace(part, " ", 1)
    if match := _AMOUNT.search(words):
        said["amount"] = _fen(match[1])
        words = words.replace(match[0], " ", 1)
    name = "".join(words.split())
    if name:
        said["name"] = name[:16]
    return said


def _base(words: str, said: dict[str, Any]) -> str:
    if match := _MIXED.search(words):
        said["base"], said["area_part"] = "mixed", int(next(part for part in match.groups() if part))
        return words.replace(match[0], " ")
    for base, pattern in _BASES:
        if match := pattern.search(words):
            said["base"] = base
            return words.replace(match[0], " ")
    return words


def _fen(written: str) -> int:
    try:
        return read_amount(written) or 0
    except Unclear:
        return 0
