"""F12: long texts are taken, and replies never exceed what WeChat delivers nor end inside a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.parser import read_message
from bot.wechat.replies import shortened, split_text, text_reply
from tests.bot.wechat.frames import NOW, text_frame


def replied(words: str) -> str:
    return read_message(text_reply(read_message(text_frame()), words, NOW).encode()).text


@pytest.mark.parametrize("words", ["漏" * 5000, "x" * 5000, "😭" * 5000], ids=["F12-Han", "F12-Latin", "F12-emoji"])
def test_five_thousand_characters_are_taken(words):
    assert read_message(text_frame(words)).text == words


@pytest.mark.parametrize(
    "words", ["漏" * 666, "x" * 2000, "😭" * 500, ""], ids=["F12-Han", "F12-Latin", "F12-emoji", "F12-none"]
)
def test_what_fits_is_not_touched(words):
    assert replied(words) == words


@pytest.mark.parametrize(
    ("words", "kept"),
    [("漏" * 667, 665), ("x" * 2001, 1997), ("😭" * 501, 499), ("a" + "😭" * 500, 500), ("漏" * 5000, 665)],
    ids=["F12-Han", "F12-Latin", "F12-emoji", "F12-mixed", "F12-endless"],
)
def test_a_long_reply_is_cut_between_two_characters(words, kept):
    assert replied(words) == words[:kept] + "…"
    assert len(replied(words).encode()) <= 2000


def test_parts_end_where_lines_end():
    lines = [f"第{n}行" + "漏" * 100 for n in range(1, 31)]
    parts = split_text("\n".join(lines))
    assert [line for part in parts for line in part.split("\n")] == lines
    assert len(parts) == 5  # a line has 307 or 308 bytes: six to a part
    assert all(len(part.encode()) <= 2000 for part in parts)


def test_a_line_longer_than_a_part_is_cut_between_two_characters():
    assert split_text("漏" * 1000) == ["漏" * 666, "漏" * 334]


def test_a_short_text_is_one_part_and_nothing_is_none():
    assert split_text("好的\n谢谢") == ["好的\n谢谢"]
    assert split_text("") == []


@given(st.text(alphabet="a漏😭\n", max_size=80), st.integers(4, 20))
def test_f12_no_part_is_too_long_and_only_line_ends_are_lost(text, limit):
    parts = split_text(text, limit)
    assert all(len(part.encode()) <= limit for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")
    assert len(shortened(text, limit).encode()) <= limit
