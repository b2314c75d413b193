"""Danger is heard in what people say, whatever else they ask for in the same breath."""

import pytest

from handlers.learned import in_danger


@pytest.mark.parametrize(
    "said",
    [
        "燃气安检是几号，我家灶台下面有点漏气味，等不到那天了",
        "电梯里关着人呢，物业费的事回头再说",
        "先别管账单，楼道里着火了",
    ],
)
def test_danger_beside_another_wish_is_danger(said: str) -> None:
    assert in_danger(said, "owner")


@pytest.mark.parametrize("said", ["停电通知贴在哪", "困死了，账单明天再看", "这个月电费怎么这么高"])
def test_words_that_only_sound_like_it_are_none(said: str) -> None:
    assert not in_danger(said, "owner")
