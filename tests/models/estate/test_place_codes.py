"""What stickers say: long enough that nobody finds one by trying, short enough to be typed."""

import pytest

from models.estate.place_codes import code_of_number, new_code, new_tag, read_code, read_tag, tag_of_number


def test_a_code_is_sixteen_letters_of_thirty_two_and_never_the_same() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert {len(code) for code in codes} == {16}
    assert not set("".join(codes)) & set("01IO")


@pytest.mark.parametrize(
    "scene",
    [
        "",
        "K" * 15,
        "K" * 17,
        "K" * 5000,
        "kkkkkkkkkkkkkkkk",
        "K" * 15 + "0",
        "' OR 1=1; --",
        "K" * 15 + "\0",
        "../../etc/passwd",
        "锦绣花园",
    ],
)
def test_what_cannot_be_a_code_is_none(scene: str) -> None:
    assert read_code(scene) is None


def test_a_code_is_read_as_it_was_made() -> None:
    code = new_code()
    assert read_code(code) == read_code(f" {code}\n") == code


@pytest.mark.parametrize("text", ["KMFPX", "kmfpx", "ＫＭＦＰＸ", "km fpx", " km-fpx "])
def test_the_short_letters_are_read_however_they_are_typed(text: str) -> None:
    assert read_tag(text) == "KMFPX"


@pytest.mark.parametrize("text", ["", "hello", "KMFP", "KMFPXX", "12345", "K7M3P", "kmfpx坏了", "绑定", "KMFPX" * 100])
def test_no_word_and_no_number_is_taken_for_them(text: str) -> None:
    assert read_tag(text) is None


def test_new_letters_can_be_read() -> None:
    assert all(read_tag(tag) == tag for tag in (new_tag() for _ in range(200)))


def test_a_number_always_gives_the_same_letters() -> None:
    assert (code_of_number(0), code_of_number(33)) == ("2" * 16, "33" + "2" * 14)
    assert tag_of_number(19) == "CCBBB"
    assert read_code(code_of_number(32**16 - 1)) == "Z" * 16
