"""Chinese numerals as people write and say them: 十二, 五〇一, 五百零一, and the radio digits 幺 两 洞 拐 勾."""

import re

DIGITS = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
SPOKEN_DIGITS = {"幺": 1, "两": 2, "洞": 0, "拐": 7, "勾": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_ALL = {**DIGITS, **SPOKEN_DIGITS}

CHARACTERS = "".join(_ALL) + "".join(_UNITS)

# The 一 of 一直 or the 两 of 两个 begins the next word; it is not the last digit of a room.
_RUN = re.compile(rf"(?:(?!一[直下点些样起家旦般边定]|两[个天次年月边家])[{CHARACTERS}])+")


def chinese_number(run: str) -> str | None:
    """The Arabic digits of one run of numerals, or None when the run is not a number.

    Digit by digit keeps its zeros (`五〇一` is `501`, `零三` is `03`); a run with 十 百 千 is a cardinal.
    """
    if not any(unit in run for unit in _UNITS):
        return "".join(str(_ALL[character]) for character in run) if set(run) <= _ALL.keys() else None
    total, digit, smallest = 0, None, 10_000
    for character in run:
        if character in _UNITS:
            unit = _UNITS[character]
            if unit >= smallest or (digit is None and unit != 10):
                return None
            total, digit, smallest = total + (1 if digit is None else digit) * unit, None, unit
        elif character in _ALL and (digit is None or digit == 0):
            digit = _ALL[character]
        else:
            return None
    return str(total + (digit or 0))


def numerals_to_digits(text: str) -> str:
    """The sentence with its Chinese numbers in Arabic digits.

    A lone 两, 洞, 拐 or 勾 is a word far more often than a digit, so it stays as it is.
    """

    def spelled(match: re.Match[str]) -> str:
        run = match.group()
        if run in SPOKEN_DIGITS and run != "幺":
            return run
        return chinese_number(run) or run

    return _RUN.sub(spelled, text)
