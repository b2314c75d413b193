"""Four web processes and two schedulers on PostgreSQL and Redis do what one of each does on SQLite: the same day, over HTTP."""

import re
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from handlers.commands.audit import violations
from models.audit.log import seal
from models.audit.tables import AuditEntry
from models.db import Database
from models.job_runs import JobRun
from models.messaging.queue import UNFINISHED
from models.messaging.tables import Conversation, Inbox, Outbox
from models.people.tables import Binding, Staff
from models.workorders.tables import OrderEvent, WorkOrder
from tests.support.databases import drop_postgresql, fresh_postgresql
from tests.support.senders import counting_wechat
from tests.support.setups import SetUp, set_up

pytestmark = pytest.mark.long

_OF_AN_ORDER = (
    "state",
    "category",
    "priority",
    "problem",
    "rating",
    "nudges",
    "reopened",
    "result",
    "place",
    "home_id",
)
_OF_AN_EVENT = ("event", "from_state", "to_state", "actor", "reason", "source")
_NUMBER = re.compile(r"#(\d+)")

ZHANG, TENANT, LI, WANG = "demo-zhang", "demo-zhao-tenant", "demo-li", "demo-wang"
STORM = 28  # messages

CHEN, LIU, ZHOU, MANAGER, GUEST = "demo-chen", "demo-liu", "demo-zhou", "demo-zhaomgr", "demo-guest"

# Who says what; `{a}` is the order that the sentence with "a" opened.
DAY: tuple[tuple[str, str, str], ...] = (
    (ZHANG, "厨房水管漏水了", "a"),
    (TENANT, "厨房水管漏水了，快来", ""),
    (CHEN, "接单 {a}", ""),
    (ZHANG, "进度 {a}", ""),
    (ZHANG, "催单 {a}", ""),
    (ZHANG, "催单 {a}", ""),
    (CHEN, "到场 {a}", ""),
    (CHEN, "完工 {a} 换了角阀", ""),
    (ZHANG, "5", ""),
    (TENANT, "没修好 {a}", ""),
    (CHEN, "接单 {a}", ""),
    (CHEN, "完工 {a} 换了水管", ""),
    (ZHANG, "评价 {a} 4 这次好了", ""),
    (LI, "家里插座没电了", "b"),
    (LIU, "接单 {b}", ""),
    (LIU, "挂起 {b} 等配件", ""),
    (LI, "我的报修", ""),
    (LIU, "完工 {b} 换了插座", ""),
    (LI, "2", ""),
    (WANG, "马桶堵了", "c"),
    (ZHOU, "退单 {c} 手头有急活", ""),
    (MANAGER, "工单", ""),
    (MANAGER, "派单 {c} 周师傅", ""),
    (ZHOU, "接单 {c}", ""),
    (ZHOU, "完工 {c} 已疏通", ""),
    (WANG, "谢谢", ""),
    (WANG, "5", ""),
    (TENANT, "热水器打不着火", "d"),
    (TENANT, "取消报修 {d}", ""),
    (TENANT, "是", ""),
    (GUEST, "你好", ""),
    (GUEST, "绑定 锦绣花园 3-2-501 张伟 8001", ""),
    (ZHANG, "我的家", ""),
)


def test_four_webs_and_two_schedulers_do_what_one_of_each_does(
    tmp_path: Path, demo_on_sqlite: Path, demo_on_postgresql: str, redis_server: redis.Redis
) -> None:
    (tmp_path / "one").mkdir(), (tmp_path / "many").mkdir()
    path = tmp_path / "one" / "linli.db"
    path.write_bytes(demo_on_sqlite.read_bytes())
    with counting_wechat() as wechat, set_up(tmp_path / "one", f"sqlite:///{path}", wechat) as one:
        alone = live_a_day(one, DayOf(Database(one.database_url)), times=1)
    url, name = fresh_postgresql(demo_on_postgresql)
    with (
        counting_wechat() as wechat,
        set_up(tmp_path / "many", url, wechat, redis_url=address_of(redis_server), webs=4, schedulers=2) as many,
    ):
        together = live_a_day(many, DayOf(Database(url)), times=3)
        assert storm(many) == STORM
    drop_postgresql(name)
    for what, rows in alone.items():
        assert together[what] == rows, what


def test_without_the_inbox_row_the_same_storm_doubles(
    tmp_path: Path, demo_on_postgresql: str, redis_server: redis.Redis
) -> None:
    url, name = fresh_postgresql(demo_on_postgresql)
    with (
        counting_wechat() as wechat,
        set_up(
            tmp_path,
            url,
            wechat,
            redis_url=address_of(redis_server),
            webs=2,
            schedulers=0,
            app="tests.support.unguarded:create_app",
        ) as bare,
    ):
        assert storm(bare) >= 2 * STORM
    drop_postgresql(name)


def address_of(server: redis.Redis) -> str:
    return f"unix://{server.connection_pool.connection_kwargs['path']}"


@dataclass
class DayOf:
    """The orders of one day, as the sentences name them."""

    database: Database
    named: dict[str, str] = field(default_factory=dict)


def live_a_day(running: SetUp, day: DayOf, times: int) -> dict[str, Any]:
    """Say everything, each message `times` over to as many processes at once; what stands in the database in the end."""
    until(lambda: _ran(day.database) >= 5, "the schedulers have begun")
    for openid, words, names in DAY:
        push = running.message(openid, words.format(**day.named))
        answers = running.deliver_to_all(push, times)
        assert [answer.status for answer in answers] == [200] * times
        words_heard = {answer.words for answer in answers if answer.words}
        assert len(words_heard) <= 1, "every delivery of a message is answered the same"
        if names:
            found = _NUMBER.search(words_heard.pop())
            assert found
            day.named[names] = found[1]
        # What others must hear is said before anybody goes on: so both days hear the same in the same order.
        until(lambda: _unsent(day.database) == 0, "everything is sent")
    picture = portrait(day.database, day.named)
    picture["heard"] = Counter(
        {(openid, _unnumbered(words, day.named)): count for (openid, words), count in running.wechat.heard.items()}
    )
    day.database.close()
    return picture


def portrait(database: Database, named: dict[str, str]) -> dict[str, Any]:
    """Everything of this day but numbers and times."""
    numbers = sorted(int(number) for number in named.values())
    with database.transaction() as session:
        seal(session)
    with database.reading() as session:
        orders = session.execute(
            sa.select(WorkOrder, Staff.name)
            .outerjoin(Staff, Staff.id == WorkOrder.staff_id)
            .where(WorkOrder.id.in_(numbers))
            .order_by(WorkOrder.id)
        ).all()
        events = session.execute(
            sa.select(OrderEvent).where(OrderEvent.order_id.in_(numbers)).order_by(OrderEvent.order_id, OrderEvent.id)
        ).scalars()
        others = sa.select(WorkOrder.state, sa.func.count()).where(WorkOrder.id.not_in(numbers))
        return {
            "orders": [[*(getattr(order, column) for column in _OF_AN_ORDER), name] for order, name in orders],
            "events": [
                [numbers.index(event.order_id), *(getattr(event, column) for column in _OF_AN_EVENT)]
                for event in events
            ],
            "others": sorted(session.execute(others.group_by(WorkOrder.state)).all()),
            "inbox": Counter(
                (row.openid, _unnumbered(row.text, named), _unnumbered(row.reply, named))
                for row in session.scalars(sa.select(Inbox))
            ),
            "outbox": Counter((row.openid, row.kind, row.state) for row in session.scalars(sa.select(Outbox))),
            "talks": {
                row.openid: (len(row.frames), row.misunderstood)
                for row in session.scalars(sa.select(Conversation).where(Conversation.openid.like("demo-%")))
            },
            "log": Counter(session.scalars(sa.select(AuditEntry.action))),
            "bindings": session.scalar(sa.select(sa.func.count()).select_from(Binding)),
            "flaws": list(violations(session)),
        }


def _unnumbered(words: str, named: dict[str, str]) -> str:
    """With `{a}` where the number of order a stands."""
    names = {number: name for name, number in named.items()}
    return re.sub(r"\d+", lambda number: f"{{{names[number[0]]}}}" if number[0] in names else number[0], words)


def storm(running: SetUp) -> int:
    """Many people at once, every message three times, overlapping, to different processes: how many turns became true."""
    people = (ZHANG, LI, WANG, TENANT, CHEN, LIU, ZHOU)
    database = Database(running.database_url)
    with database.reading() as session:
        before = session.scalar(sa.select(sa.func.max(OrderEvent.id))) or 0
    # Danger is never joined to an order that is open already: each report that is taken makes one.
    pushes = [running.message(openid, "电梯里有人被困了") for openid in people for _ in range(STORM // len(people))]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(running.deliver_to_all, pushes))
    assert {answer.status for three in answers for answer in three} == {200}
    with database.reading() as session:
        made = session.scalar(
            sa.select(sa.func.count()).where(OrderEvent.id > before, OrderEvent.event.in_(("create", "words", "added")))
        )
    database.close()
    return made or 0


def until(true: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.02)


def _ran(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).where(JobRun.finished_at.is_not(None))) or 0


def _unsent(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).where(Outbox.state.in_(UNFINISHED))) or 0
