"""How often a turn asks the database and Redis. Each question is a way there and back, and under load these are what a turn costs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from tests.support.paying import Payer
from tests.support.repairs import counted
from tests.support.world import World

# What a person says, and the most statements it may take, the transaction's own beginning and end not counted.
REPORT, READING, TAKING, FINISHING = 13, 5, 15, 16
# WeChat's notice that several bills were paid, one of them overdue: the first time somebody pays, and told again.
PAID, TOLD_AGAIN = 16, 2
FRESH_LOOK = "SELECT online_orders.number, online_orders.transaction_id "
# Tables that have more rows every day.
GROWING = tuple(
    f"{name} "
    for name in (
        "bindings",
        "homes",
        "people",
        "conversations",
        "inbox",
        "outbox",
        "work_orders",
        "order_events",
        "audit",
    )
)


def number_in(reply: str) -> str:
    found = re.search(r"#(\d+)", reply)
    assert found, reply
    return found[1]


def costs(world: World, openid: str, words: str) -> tuple[str, list[str]]:
    """(the reply, the statements of this very turn, without those of sending what it promised)."""
    before = len(world.platform.chat(openid))
    with counted(world.services.database) as statements:
        world.platform.say(openid, words)
    replies = [shown["text"] for shown in world.platform.chat(openid)[before:] if shown["direction"] == "out"]
    world.settle()
    return "\n".join(replies), [one for one in statements if not one.startswith("BEGIN")]


def test_a_repair_from_the_report_to_the_end_takes_few_statements(world: World) -> None:
    for openid in ("demo-zhang", "demo-chen"):
        world.says(openid, "帮助")  # the very first message of a person also makes their row
    reply, reporting = costs(world, "demo-zhang", "厨房水管漏水了")
    number = number_in(reply)
    _, reading = costs(world, "demo-zhang", "我的报修")
    taken, taking = costs(world, "demo-chen", f"接单 {number}")
    done, finishing = costs(world, "demo-chen", f"完工 {number} 换了角阀")
    assert (number in taken, number in done) == (True, True)
    most = {"reporting": REPORT, "reading": READING, "taking": TAKING, "finishing": FINISHING}
    for what, statements in zip(most, (reporting, reading, taking, finishing), strict=True):
        assert len(statements) <= most[what], f"{what}: {len(statements)}\n" + "\n\n".join(statements)


@pytest.mark.parametrize("demo_database", ["sqlite"], indirect=True)
def test_no_statement_of_a_turn_reads_a_table_that_grows_from_end_to_end(world: World) -> None:
    """With a million homes such a statement takes a second. SQLite tells its plan; PostgreSQL's depends on how many rows there are."""
    engine = world.services.database.engine
    asked: list[tuple[str, Any]] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    reply = world.says("demo-zhang", "厨房水管漏水了")
    world.says("demo-zhang", "我的报修")
    world.says("demo-chen", f"接单 {number_in(reply)}")
    world.says("demo-chen", f"完工 {number_in(reply)} 换了角阀")
    statements = {one: values for one, values in asked if one.startswith(("SELECT", "UPDATE", "DELETE"))}
    assert len(statements) > 20
    with engine.connect() as connection:
        for one, values in statements.items():
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", values).all()
            whole = [step for *_, step in plan if any(f"SCAN {table}" in f"{step} " for table in GROWING)]
            assert whole + [step for *_, step in plan if "MATERIALIZE" in step] == [], one


def test_a_payment_takes_few_statements_and_its_receipt_is_numbered_last(world: World) -> None:
    """Whoever else is to get a receipt waits from its number until the commit: only what needs the number is written after it."""
    zhang = Payer(world, "demo-zhang")
    world.platform.faults.add("/wxpay/notify", "three_times")
    zhang.pays(zhang.orders())
    with counted(world.services.database) as statements:
        world.platform.deliver_pending()
    asked = [one for one in statements if not one.startswith("BEGIN")]
    ends = [place for place, one in enumerate(asked) if one.startswith(FRESH_LOOK)]
    assert len(ends) == 3, "a fresh look after each"
    posting, again = asked[: ends[0] + 1], asked[ends[0] + 1 : ends[1] + 1]
    assert len(posting) <= PAID, "\n\n".join(posting)
    assert len(again) <= TOLD_AGAIN, "\n\n".join(again)
    numbered = next(place for place, one in enumerate(posting) if one.startswith("UPDATE receipt_books"))
    assert [one.split()[2] for one in posting[numbered + 1 : -1]] == ["receipts", "outbox"]


@contextmanager
def round_trips(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Every packet sent to Redis meanwhile: a pipeline is one."""
    sent: list[object] = []
    send = redis.connection.AbstractConnection.send_packed_command

    def note(connection: object, command: object, *rest: object, **more: object) -> object:
        sent.append(command)
        return send(connection, command, *rest, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(redis.connection.AbstractConnection, "send_packed_command", note)
        yield sent


def test_redis_is_asked_once_at_the_most(
    world: World, redis_server: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = world.services
    services.__dict__["redis"] = redis_server
    services.database.after_commit = services._after_commit
    redis_server.ping()
    with round_trips(monkeypatch) as trips:
        world.platform.say("demo-zhang", "厨房水管漏水了")
    assert len(trips) == 1, "the bell for the sender"
    with round_trips(monkeypatch) as trips:
        world.platform.say("demo-zhang", "我的报修")
    assert trips == []
