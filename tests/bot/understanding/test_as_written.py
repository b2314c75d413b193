"""What stands behind a command is people's own words, letter for letter."""

import pytest

from bot.understanding.normalise import as_written, fold


@pytest.mark.parametrize(
    "own", ["Ｈ₂Ｏ ½ ²³", "左\u200b右", "！？。", "ﾊﾝｶｸ", "👩🏻‍🤝‍👨🏿", "a", "换了角阀 φ20　两只", "５分，师傅不错"]
)
def test_the_end_that_folds_to_the_words_is_found(own: str) -> None:
    assert as_written(f"完工　＃１２ {own} ", fold(own)) == own


def test_words_that_stand_nowhere_stay_as_they_are() -> None:
    assert as_written("完工 12 好了", "换好了") == "换好了"
    assert as_written("", "好") == "好"


def test_five_thousand_characters_cost_a_moment() -> None:
    own = "換₂" * 2500
    assert as_written(f"报修 {own}", fold(own)) == own
