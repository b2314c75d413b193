"""Rounding, showing and writing out amounts; the vectors are worked out by hand (domain rules 1.4, 1.12)."""

import random
from fractions import Fraction

import pytest

from models.money import Rounding, in_capitals, rounded, rounded_part, shown


@pytest.mark.parametrize(
    ("mode", "fen"),
    [
        (Rounding.FEN_HALF_UP, 16533),
        (Rounding.JIAO_HALF_UP, 16530),
        (Rounding.JIAO_FLOOR, 16530),
        (Rounding.YUAN_HALF_UP, 16500),
        (Rounding.YUAN_FLOOR, 16500),
    ],
)
def test_a_month_is_rounded_as_the_contract_says(mode: Rounding, fen: int) -> None:
    exact = Fraction("89.37") * 185
    assert rounded(exact, mode) == fen
    assert rounded(-exact, mode) == -fen, "a reversal takes back exactly what was charged"


@pytest.mark.parametrize(
    ("exact", "mode", "fen"),
    [
        ("1960.5", Rounding.FEN_HALF_UP, 1961),  # 0.15 × 130.70 yuan, which binary floats get wrong
        ("12.5", Rounding.FEN_HALF_UP, 13),  # not to the even neighbour
        ("-12.5", Rounding.FEN_HALF_UP, -13),
        ("12.4999", Rounding.FEN_HALF_UP, 12),
        ("16535", Rounding.JIAO_HALF_UP, 16540),
        ("16534.9", Rounding.JIAO_HALF_UP, 16530),
        ("16539.99", Rounding.JIAO_FLOOR, 16530),
        ("-16539.99", Rounding.JIAO_FLOOR, -16530),
        ("16550", Rounding.YUAN_HALF_UP, 16600),
        ("16599", Rounding.YUAN_FLOOR, 16500),
        ("0", Rounding.YUAN_HALF_UP, 0),
    ],
)
def test_half_goes_away_from_zero_and_floors_towards_it(exact: str, mode: Rounding, fen: int) -> None:
    assert rounded(Fraction(exact), mode) == fen


@pytest.mark.parametrize(("counted", "parts", "fen"), [(2, 4, 1), (3, 9, 0), (-250, 100, -3), (1_653_345, 100, 16_533)])
def test_a_part_need_not_be_in_lowest_terms(counted: int, parts: int, fen: int) -> None:
    assert rounded_part(counted, parts, Rounding.FEN_HALF_UP) == fen


@pytest.mark.parametrize(
    ("fen", "words"),
    [(123450, "1,234.50元"), (5, "0.05元"), (-16533, "-165.33元"), (0, "0.00元"), (100000000, "1,000,000.00元")],
)
def test_amounts_are_shown_one_way_everywhere(fen: int, words: str) -> None:
    assert shown(fen) == words


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (16533, "壹佰陆拾伍元叁角叁分"),
        (100000, "壹仟元整"),
        (100500, "壹仟零伍元整"),
        (32504, "叁佰贰拾伍元零肆分"),
        (140950, "壹仟肆佰零玖元伍角整"),
        (600714, "陆仟零柒元壹角肆分"),
        (1640902, "壹万陆仟肆佰零玖元零贰分"),
        (50, "伍角整"),
        (5, "伍分"),
        (10000005, "壹拾万元零伍分"),
        (1003000000, "壹仟零叁万元整"),
        (0, "零元整"),
        (-16533, "负壹佰陆拾伍元叁角叁分"),
        (10000000000, "壹亿元整"),
        (10000000100, "壹亿零壹元整"),
        (10100000000, "壹亿零壹佰万元整"),
        (1000100000000, "壹佰亿零壹佰万元整"),
        (1001000, "壹万零壹拾元整"),
        (2000000 * 100, "贰佰万元整"),
        (100010000 * 100, "壹亿零壹万元整"),
        (120000 * 100 + 55, "壹拾贰万元伍角伍分"),
    ],
)
def test_receipts_write_amounts_out(fen: int, words: str) -> None:
    assert in_capitals(fen) == words


def test_an_amount_written_out_is_read_back_as_it_was() -> None:
    """An independent reader: digits and places from the left, as a cashier reads them."""
    for seed in range(3000):
        fen = random.Random(seed).randrange(10 ** random.Random(seed).randint(1, 14))
        assert read_back(in_capitals(fen)) == fen, fen


def read_back(words: str) -> int:
    digits = {character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
    places = {"拾": 10, "佰": 100, "仟": 1000}
    fen = total = group = digit = 0
    for character in words.removesuffix("整"):
        if character in digits:
            digit = digits[character]
        elif character in places:
            group, digit = group + digit * places[character], 0
        elif character == "万":
            total, group, digit = total + (group + digit) * 10**4, 0, 0
        elif character == "亿":
            total, group, digit = (total + group + digit) * 10**8, 0, 0
        elif character == "元":
            fen, total, group, digit = (total + group + digit) * 100, 0, 0, 0
        else:
            fen, digit = fen + digit * {"角": 10, "分": 1}[character], 0
    return fen


def test_an_amount_no_receipt_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        in_capitals(10**18)
