"""F16: people change the subject, send pictures instead of numbers, take back, repeat and confirm twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.faults.facts import facts, newest_order
from tests.support.transcripts import PICTURE
from tests.support.world import World

pytestmark = pytest.mark.thorough

ZHANG, LI, CHEN, BOSS, GUEST = "demo-zhang", "demo-li", "demo-chen", "demo-zhaomgr", "demo-guest"
LEAK = (ZHANG, "厨房水管漏水")
DARK = (ZHANG, "客厅灯不亮")

# Every flow with an open question: what leads there.
OPEN: dict[str, tuple[tuple[str, str], ...]] = {
    "repair": ((ZHANG, "我要报修"),),
    "repair-compound": ((GUEST, "楼道灯坏了"),),
    "repair-binding": ((GUEST, "我家水管漏水"),),
    "cancel": (LEAK, (ZHANG, "取消报修")),
    "cancel-which": (LEAK, DARK, (ZHANG, "取消报修")),
    "nudge": (LEAK, DARK, (ZHANG, "催单")),
    "bind-home": ((GUEST, "绑定"),),
    "bind-name": ((GUEST, "绑定 3-2-501"),),
    "bind-phone": ((GUEST, "绑定 3-2-501 张伟"),),
    "review": ((GUEST, "申请审核 3-2-501 李四 13900001234"),),
    "unbind": ((LI, "解绑"),),
    "member": ((LI, "添加家人"),),
    "behalf": ((BOSS, "代报修"),),
    "behalf-which": ((BOSS, "代报修 3-2-501 水管漏水"),),
    "behalf-problem": ((CHEN, "代报修 3-2-501"),),
}
CASES = [pytest.param(said, id=f"F16-{name}") for name, said in OPEN.items()]
Said = tuple[tuple[str, str], ...]


def play(world: World, said: Said) -> str:
    for who, words in said:
        assert world.says(who, words)
        world.move(timedelta(seconds=5))
    return said[-1][0]


@pytest.mark.parametrize("said", CASES)
def test_f16_cancel_puts_everything_down(world: World, said: Said) -> None:
    who = play(world, said)
    before = facts(world)
    assert "不办了" in world.says(who, "取消")
    for stale in ("1", "是", "3-2-501", "继续"):
        world.says(who, stale)
        world.move(timedelta(seconds=11))
    assert facts(world) == before


@pytest.mark.parametrize("said", CASES)
def test_f16_a_picture_instead_of_an_answer_breaks_nothing(world: World, said: Said) -> None:
    who = play(world, said)
    before = facts(world)
    world.heard(who)
    world.platform.send_image(who, PICTURE, "p.png")
    world.settle()
    heard = "\n".join(world.heard(who))
    assert heard
    assert "出了点问题" not in heard
    assert facts(world) == before


@pytest.mark.parametrize("said", CASES)
def test_f16_a_side_question_is_answered_and_the_open_one_stays(world: World, said: Said) -> None:
    who = play(world, said)
    before = facts(world)
    reply = world.says(who, "帮助")
    assert "您可以" in reply
    assert reply.count("\n") > 3, "the help, and the question again"
    assert "不办了" in world.says(who, "取消"), "it was still open"
    assert facts(world) == before


@pytest.mark.parametrize("said", CASES)
def test_f16_nonsense_three_times_does_nothing(world: World, said: Said) -> None:
    who = play(world, said)
    before = facts(world)
    for nonsense in ("😀😀", "。。。", "99"):
        assert "出了点问题" not in world.says(who, nonsense)
        world.move(timedelta(seconds=11))
    assert facts(world) == before


def once(*said: tuple[str, str], again: tuple[str, str]) -> tuple[Said, tuple[str, str]]:
    return said, again


TWICE = {
    "cancel": once(LEAK, (ZHANG, "取消报修"), (ZHANG, "是"), again=(ZHANG, "是")),
    "cancel-number": once(LEAK, (ZHANG, "取消报修"), (ZHANG, "1"), again=(ZHANG, "1")),
    "unbind": once((LI, "解绑"), (LI, "是"), again=(LI, "是")),
    "compound": once((GUEST, "楼道灯坏了"), (GUEST, "1"), again=(GUEST, "1")),
    "member": once((LI, "添加家人"), (LI, "张小红"), again=(LI, "张小红")),
    "behalf": once((BOSS, "代报修 3-2-501 水管漏水"), (BOSS, "1"), again=(BOSS, "1")),
    "bind": once((LI, "绑定 锦绣花园 3-2-501 张伟"), (LI, "8001"), again=(LI, "8001")),
    "rate": once(LEAK, (CHEN, "接单"), (CHEN, "完工 换了角阀"), (ZHANG, "5"), again=(ZHANG, "1")),
    "take": once(LEAK, (CHEN, "接单"), again=(CHEN, "接单")),
    "nudge": once(LEAK, (ZHANG, "催单"), again=(ZHANG, "催单")),
    "report": once(LEAK, again=LEAK),
    "duty": once((CHEN, "下班"), again=(CHEN, "下班")),
}


@pytest.mark.parametrize(("said", "again"), [pytest.param(*case, id=f"F16-{name}") for name, case in TWICE.items()])
def test_f16_a_step_that_is_done_is_not_done_again(world: World, said: Said, again: tuple[str, str]) -> None:
    play(world, said)
    before = facts(world)
    reply = world.says(*again)
    assert facts(world) == before
    assert reply
    assert "出了点问题" not in reply


SWITCH: dict[str, Callable[[int], str]] = {
    "new-fault": lambda number: "客厅灯不亮",
    "status": lambda number: f"进度 {number}",
    "tasks": lambda number: "我的家",
}


@pytest.mark.parametrize("switch", SWITCH.values(), ids=[f"F16-to-{name}" for name in SWITCH])
def test_f16_another_subject_leaves_a_dangerous_question_unanswered(world: World, switch: Callable[[int], str]) -> None:
    world.says(*LEAK)
    number, _ = newest_order(world)
    world.says(ZHANG, f"取消报修 {number}")
    assert "已经取消" not in world.says(ZHANG, switch(number))
    assert "（待接单）" in world.says(ZHANG, f"进度 {number}"), "nobody said yes"


def test_f16_the_correction_counts_and_not_what_was_corrected(world: World) -> None:
    for words in ("绑定 锦绣花园", "3-2-502", "不是502，是501", "张伟"):
        world.says(GUEST, words)
    assert "3栋2单元501" in world.says(GUEST, "8001")
