"""Twenty messages a second come in, whether the earlier ones are answered or not: six times what a company of forty thousand
homes gets after a notice to all. Real processes, real sockets, encrypted frames."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.db import Database
from models.messaging.tables import Inbox
from tests.support.demo import MORNING
from tests.support.lanes import settle_people
from tests.support.senders import counting_wechat
from tests.support.setups import Answer, SetUp, set_up

pytestmark = [pytest.mark.long, pytest.mark.alone]

PER_SECOND, SECONDS, PEOPLE = 20, 20, 300
LONGEST = 3.0  # seconds; WeChat waits for five
WORDS = ("厨房水管漏水了", "我的报修", "帮助", "催单")


def test_twenty_messages_a_second_are_all_answered_in_time(
    demo_database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settle_people(demo_database, PEOPLE, MORNING)
    url = demo_database.engine.url.render_as_string(hide_password=False)
    with counting_wechat() as wechat, set_up(tmp_path, url, wechat) as running:
        running.says("kill-0", "帮助")  # whoever comes first after a start waits for what is loaded then
        answers = speak(running)
    seconds = sorted(answer.seconds for answer in answers)
    half, most = seconds[len(seconds) // 2], seconds[len(seconds) * 99 // 100]
    with capsys.disabled():
        kind = "SQLite" if demo_database.is_sqlite else "PostgreSQL"
        print(
            f"\n{kind}: {len(seconds)} messages at {PER_SECOND}/s, "
            f"median {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms, longest {seconds[-1] * 1000:.0f} ms"
        )
    assert {answer.status for answer in answers} == {200}
    assert seconds[-1] < LONGEST
    with demo_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Inbox)) == len(answers) + 1


def speak(running: SetUp) -> list[Answer]:
    """Each message at its time; the time it waits for a free hand counts as its own."""
    begun = time.monotonic() + 0.2

    def say(number: int) -> Answer:
        at = begun + number / PER_SECOND
        time.sleep(max(0.0, at - time.monotonic()))
        answer = running.says(f"kill-{number % PEOPLE}", WORDS[number // PEOPLE % len(WORDS)])
        return Answer(answer.status, answer.words, time.monotonic() - at)

    with ThreadPoolExecutor(40) as threads:
        return list(threads.map(say, range(PER_SECOND * SECONDS)))
