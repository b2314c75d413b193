"""F12: 5,000 characters are read like any message, and no reply is longer than WeChat takes."""

import pytest

from tests.faults.facts import facts, newest_order
from tests.support.world import World

WECHAT_TAKES = 2048  # bytes of a reply
STORY = "昨天晚上我在家里看书，" * 450  # 4,950 characters


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(STORY + "后来厨房水管漏水了", id="F12-trouble-at-the-end"),
        pytest.param("厨房水管漏水了，" + STORY, id="F12-trouble-at-the-beginning"),
        pytest.param("报修 厨房水管漏水了" + "漏" * 5000, id="F12-one-letter"),
        pytest.param("厨房水管漏水了" + "😱" * 2500, id="F12-emoji"),
    ],
)
def test_f12_a_long_story_becomes_an_order_with_every_word(world: World, words: str) -> None:
    reply = world.says("demo-zhang", words)
    number, problem = newest_order(world)
    assert f"#{number}" in reply
    assert problem == words.removeprefix("报修 ")
    assert len(reply.encode()) <= WECHAT_TAKES
    for words_of_order in (f"进度 {number}", "我的报修", f"取消报修 {number}", "取消"):
        assert len(world.says("demo-zhang", words_of_order).encode()) <= WECHAT_TAKES
    assert world.platform.failures == []


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("啊" * 5000, id="F12-nothing"),
        pytest.param("1" * 5000, id="F12-figures"),
        pytest.param("。" * 5000, id="F12-marks"),
        pytest.param("取消报修 " + "9" * 4000, id="F12-number"),
        pytest.param("绑定 " + "3-2-501 " * 600, id="F12-homes"),
        pytest.param("评价 1 5 " + "好" * 4990, id="F12-rating"),
    ],
)
def test_f12_a_long_message_that_asks_for_nothing_does_nothing(world: World, words: str) -> None:
    before = facts(world)
    reply = world.says("demo-li", words)
    assert reply
    assert "出了点问题" not in reply
    assert facts(world) == before
    assert world.platform.failures == []
