"""Every conversation of tests/transcripts/, on both databases, with a clean audit at the end of each.

What a conversation says does not depend on the database: after each change they are held on SQLite, and on PostgreSQL before it is taken in.
"""

from pathlib import Path

import pytest

from handlers.commands.audit import violations
from models.audit.log import seal
from scheduler.runner import Runner
from scheduler.timetable import TIMETABLE
from tests.support.transcripts import Transcript
from tests.support.world import World

FOLDER = Path(__file__).parent / "transcripts"

CAST = {
    "张伟": "demo-zhang",
    "李娜": "demo-li",
    "王强": "demo-wang",
    "赵敏": "demo-zhao-tenant",
    "陈师傅": "demo-chen",
    "刘师傅": "demo-liu",
    "周师傅": "demo-zhou",
    "孙会计": "demo-sun",
    "赵经理": "demo-zhaomgr",
    "钱主任": "demo-qian",
    "游客": "demo-guest",
}

BOTH = ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.thorough])]


@pytest.mark.parametrize("demo_database", BOTH, indirect=True)
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_transcript(world: World, path: Path) -> None:
    runner = Runner(world.services, TIMETABLE)
    transcript = Transcript(world, CAST, lambda: runner.run_due(world.clock.now()))
    transcript.captured["phone4"] = "8001"  # the last four digits of 张伟's phone on the books
    transcript.play(path)
    assert world.platform.failures == [], "every reply was one that WeChat accepts"
    with world.services.database.transaction() as session:
        seal(session)
        assert list(violations(session)) == []
