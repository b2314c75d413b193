"""Amounts become whole fen, or are asked about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.estate.ledger_amounts import read_amount
from models.estate.unclear import Unclear


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("1,234.50", 123450),
        ("￥1，234.50", 123450),
        ("￥165.33", 16533),
        ("165.33元", 16533),
        ("165.33  ", 16533),
        ("１６５．３３", 16533),
        ("２００", 20000),
        ("1.2万", 1200000),
        ("3w", 3000000),
        ("壹佰元", 10000),
        ("壹佰元整", 10000),
        ("十二元五角", 1250),
        ("一块八毛五", 185),
        ("两块五", 250),
        ("三元零五分", 305),
        ("一万两千五百元", 1250000),
        ("(200)", -20000),
        ("（165.33）", -16533),
        ("-5", -500),
        ("0", 0),
        ("-", None),
        ("/", None),
        ("", None),
    ],
)
def test_amounts_become_whole_fen(cell: str, fen: int | None) -> None:
    assert read_amount(cell) == fen


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("已交", "只写了记号"),
        ("√", "只写了记号"),
        ("免", "只写了记号"),
        ("165.33(含滞纳金12)", "看不懂"),
        ("200+165.33", "看不懂"),
        ("165,33", "看不懂"),
        ("三百多", "看不懂"),
        ("#REF!", "看不懂"),
        ("1.2.3", "看不懂"),
        ("-￥-5", "两个负号"),
        ("165.3345", "两位小数"),
        ("1.23456789万", "两位小数"),
    ],
)
def test_an_amount_nobody_should_guess_is_refused(cell: str, reason: str) -> None:
    with pytest.raises(Unclear, match=reason):
        read_amount(cell)


@given(st.integers(0, 10**11))
def test_every_amount_reads_back_exactly(fen: int) -> None:
    assert read_amount(f"{fen // 100:,}.{fen % 100:02d}元") == fen
    assert read_amount(f"-￥{fen // 100}.{fen % 100:02d}") == -fen


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        amount = read_amount(text)
    except Unclear:
        amount = None
    assert amount is None or isinstance(amount, int)
