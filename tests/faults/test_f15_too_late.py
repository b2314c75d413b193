"""F15: a question that nobody answered in time, or that the program was restarted over, is never answered by accident."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import FixedClock
from tests.faults.facts import facts
from tests.support.world import World, open_world

pytestmark = pytest.mark.thorough

ZHANG, LI, CHEN, BOSS, GUEST = "demo-zhang", "demo-li", "demo-chen", "demo-zhaomgr", "demo-guest"
LEAK = (ZHANG, "厨房水管漏水")
DARK = (ZHANG, "客厅灯不亮")

# name: (what was said before, the late answer): the last one who spoke is the one who answers too late.
LATE: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "which-fault": (((ZHANG, "我要报修"),), "1"),
    "which-fault-yes": (((ZHANG, "我要报修"),), "好的"),
    "cancel-yes": ((LEAK, (ZHANG, "取消报修")), "是"),
    "cancel-1": ((LEAK, (ZHANG, "取消报修")), "1"),
    "cancel-which": ((LEAK, DARK, (ZHANG, "取消报修")), "2"),
    "nudge-which": ((LEAK, DARK, (ZHANG, "催单")), "1"),
    "unbind-yes": (((LI, "解绑"),), "是"),
    "unbind-1": (((LI, "解绑"),), "1"),
    "unbind-good": (((LI, "解绑"),), "好的"),
    "member-name": (((LI, "添加家人"),), "张小红"),
    "member-relation": (((LI, "让我爱人也能报修"),), "1"),
    "home": (((GUEST, "绑定"),), "3-2-501"),
    "name": (((GUEST, "绑定 3-2-501"),), "张伟"),
    "phone": (((GUEST, "绑定 锦绣花园 3-2-501 张伟"),), "8001"),
    "phone-wrong": (((GUEST, "绑定 锦绣花园 3-2-501 张伟"),), "9999"),
    "review-relation": (((GUEST, "申请审核 锦绣花园 3-2-501 李四 13900001234"),), "1"),
    "review-compound": (((GUEST, "申请审核 3-2-501 李四 13900001234 业主"),), "1"),
    "compound": (((GUEST, "楼道灯坏了"),), "1"),
    "compound-name": (((GUEST, "楼道灯坏了"),), "锦绣花园"),
    "meant": (((ZHANG, '{"text":"报修"}'),), "1"),
    "meant-yes": (((ZHANG, '{"text":"报修"}'),), "是"),
    "behalf-home": (((BOSS, "代报修"),), "3-2-501"),
    "behalf-which": (((BOSS, "代报修 3-2-501 水管漏水"),), "1"),
    "behalf-problem": (((CHEN, "代报修 3-2-501"),), "是"),
}
CASES = [pytest.param(*case, id=f"F15-{name}") for name, case in LATE.items()]


def play(world: World, said: tuple[tuple[str, str], ...]) -> str:
    """Say all of it; returns who spoke last."""
    for who, words in said:
        assert world.says(who, words)
        world.move(timedelta(seconds=5))
    return said[-1][0]


@pytest.mark.parametrize(("said", "answer"), CASES)
def test_f15_an_answer_after_half_an_hour_does_nothing(
    world: World, said: tuple[tuple[str, str], ...], answer: str
) -> None:
    who = play(world, said)
    world.move(timedelta(minutes=31))
    before = facts(world)
    reply = world.says(who, answer)
    assert facts(world) == before
    assert reply, "the person hears something"
    assert "出了点问题" not in reply


@pytest.mark.parametrize("minutes", [29, 30, 31], ids=lambda minutes: f"F15-after-{minutes}")
def test_f15_half_an_hour_is_how_long_a_question_waits(world: World, minutes: int) -> None:
    world.says(LI, "解绑")
    world.move(timedelta(minutes=minutes))
    before = facts(world)
    world.says(LI, "是")
    assert (facts(world) != before) == (minutes < 30)


@pytest.mark.parametrize("later", ["我要报修", "绑定", "添加家人"], ids=lambda words: f"F15-then-{words}")
def test_f15_an_old_answer_is_not_applied_to_a_later_flow(world: World, later: str) -> None:
    world.says(LI, "解绑")
    world.move(timedelta(minutes=31))
    world.says(LI, later)
    before = facts(world)
    world.says(LI, "1")
    world.says(LI, "是")
    assert facts(world) == before


@pytest.fixture
def restarted(world: World, tmp_path: Path) -> Iterator[World]:
    """The same books, a program that remembers nothing by itself."""
    folder = tmp_path / "again"
    folder.mkdir()
    again = open_world(world.services.database, folder, world.clock.now())
    assert isinstance(again.clock, FixedClock)
    return again


@pytest.mark.parametrize(
    ("said", "answer", "heard"),
    [
        pytest.param((LI, "我要报修"), "水管漏水", "已为您报修", id="F15-restart-repair"),
        pytest.param((LI, "解绑"), "是", "已解绑", id="F15-restart-unbind"),
        pytest.param((LI, "绑定 锦绣花园 3-2-501 张伟"), "8001", "绑定好了", id="F15-restart-bind"),
        pytest.param((LI, "添加家人"), "张小红", "绑定码", id="F15-restart-member"),
        pytest.param((GUEST, "楼道灯坏了"), "1", "已为您报修", id="F15-restart-compound"),
    ],
)
def test_f15_a_restart_in_the_middle_is_not_noticed(
    world: World, restarted: World, said: tuple[str, str], answer: str, heard: str
) -> None:
    world.says(*said)
    assert heard in restarted.says(said[0], answer)
