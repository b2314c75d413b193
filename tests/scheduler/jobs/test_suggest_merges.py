"""The office hears of two reports that may be one, with the words that join them, and only once."""

from datetime import timedelta

from scheduler.jobs import suggest_merges
from tests.support.world import World


def test_two_neighbours_report_the_same(world: World) -> None:
    world.says("demo-zhang", "厨房水管漏水了")
    world.move(timedelta(minutes=1))
    world.says("demo-li", "卫生间水管漏水了")
    assert suggest_merges.run(world.services, world.clock.now()) == "0 looked at"
    world.move(timedelta(minutes=2))
    for _ in range(3):
        assert suggest_merges.run(world.services, world.clock.now()) == "1 looked at"
    world.settle()
    heard = [words for words in world.heard("demo-zhaomgr") if "合并 902 901" in words]
    assert len(heard) == 1
    assert world.heard("demo-qian") == []
