"""How often a turn asks the database and Redis. Each question is a way there and back, and under load these are what a turn costs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from tests.support.repairs import counted
from tests.support.world import World

# What a person says, and the most statements it may take, the transaction's own beginning and end not counted.
REPORT, READING, TAKING, FINISHING = 13, 5, 15, 16


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
