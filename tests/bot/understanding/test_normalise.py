"""How a correction begins."""

import pytest

from bot.understanding.normalise import puts_right


@pytest.mark.parametrize("said", ["说错了，是阳台", "不对,是卫生间", "打错了应该是3栋", "错了！是四楼", "搞错 是厨房"])
def test_what_was_said_is_put_right(said: str) -> None:
    assert puts_right(said)


@pytest.mark.parametrize("said", ["不是水管", "钱收错了，是不是该退", "是阳台", "不对劲，是不是漏气了", "说错了"])
def test_other_words_are_no_correction(said: str) -> None:
    assert not puts_right(said)
