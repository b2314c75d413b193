import pytest

from models.people.codes import digest, new_code, purpose_of, read_code


def test_a_new_code_can_be_read_back_and_has_no_look_alikes() -> None:
    for _ in range(300):
        code = new_code("home")
        assert len(code) == 8
        assert not set(code) & set("01OILBSZU")
        assert read_code(f"绑定 {code}") == code
        assert purpose_of(code) == "home"
        assert purpose_of(new_code("staff")) == "staff"


@pytest.mark.parametrize(
    "text",
    ["K7M3PQ2X", "绑定K7M3PQ2X", "绑定 k7m3pq2x", "加入 Ｋ７Ｍ３ＰＱ２Ｘ 谢谢", "K7M3-PQ2X", "k7m3 pq2x", "K7M3PQZX"],
)
def test_a_code_is_read_however_it_is_typed(text: str) -> None:
    assert read_code(text) == "K7M3PQ2X"


@pytest.mark.parametrize(
    "text",
    ["", "13800138000", "8000", "22334455", "HANDYMAN", "K7M3PQ2", "K7M3PQ2XY", "绑定 3-2-501 张伟 8000", "K7M30Q2X"],
)
def test_words_phones_and_homes_are_not_codes(text: str) -> None:
    assert read_code(text) is None


def test_two_codes_at_once_are_none() -> None:
    assert read_code("K7M3PQ2X 还是 A3A4A5A6") is None


def test_codes_do_not_repeat() -> None:
    assert len({new_code("home") for _ in range(2000)}) == 2000


def test_without_the_pepper_a_digest_cannot_be_made() -> None:
    assert digest("K7M3PQ2X", "one") != digest("K7M3PQ2X", "two")
    assert "K7M3PQ2X" not in digest("K7M3PQ2X", "one")
