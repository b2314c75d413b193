"""What both models say together: danger is heard in what people say, whatever else they ask for in the same breath; and what it is about."""

import pytest

from handlers import learned
from handlers.learned import in_danger, kinds


@pytest.mark.parametrize(
    "said",
    [
        "燃气安检是几号，我家灶台下面有点漏气味，等不到那天了",
        "电梯里关着人呢，物业费的事回头再说",
        "先别管账单，楼道里着火了",
        "半空掉下一个花盆，擦着我孩子的头皮过去的",
        "地下室的水已经漫到插排了",
        "井口没盖，刚才老太太差点掉下去",
    ],
)
def test_danger_beside_another_wish_is_danger(said: str) -> None:
    assert in_danger(said, "owner")


@pytest.mark.parametrize(
    "said",
    [
        "停电通知贴在哪",
        "困死了，账单明天再看",
        "这个月电费怎么这么高",
        "消防演习几点拉警报",
        "昨天着火那户的赔偿谈好没有",
    ],
)
def test_words_that_only_sound_like_it_are_none(said: str) -> None:
    assert not in_danger(said, "owner")


@pytest.mark.parametrize(("report", "heard"), [(0.9, True), (0.01, False)])
def test_who_surely_wants_something_else_must_speak_of_more_danger(
    monkeypatch: pytest.MonkeyPatch, report: float, heard: bool
) -> None:
    """By the linear model -0.5, by the net as likely as not: that is enough in a report, ln(0.02) × 0.8 = -3.1 less is not."""
    monkeypatch.setattr(learned, "answers", lambda *said: {"priority": {"P0": -0.5}})
    monkeypatch.setattr(learned, "_by_net", lambda *said: {"priority": {"P0": 0.5}})
    monkeypatch.setattr(learned, "judge", lambda *said: {"repair_report": report})
    assert in_danger("门口有个东西") is heard


def test_what_it_is_about_is_what_both_models_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned, "answers", lambda *said: {"category": {"水": 0.25, "电": -0.5}})
    monkeypatch.setattr(learned, "_by_net", lambda *said: {"category": {"": 0.5, "水": 0.25, "电": 0.25}})
    assert kinds("水管", "owner", "") == {"水": 0.0, "电": -0.75}


def test_a_thing_that_is_not_named_is_known_by_what_it_does() -> None:
    likely = kinds("一拧哗哗的停不下来", "owner", "")
    assert max(likely, key=likely.__getitem__) == "水"
