"""kill -9 in the middle of turns, two hundred times: nothing that was answered is lost, nothing is done twice."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from handlers.commands.audit import violations
from models.audit.log import seal
from models.db import Database
from models.messaging import conversations, inbox
from models.messaging.tables import Inbox
from models.workorders.tables import OrderEvent, WorkOrder
from tests.support.demo import MORNING
from tests.support.lanes import ORDER, ROUND, keep_turning, settle_people
from tests.support.processes import Child, Children

pytestmark = pytest.mark.long

KILLS, TURNS = 100, 10_000  # on each database
LANES, PEOPLE = 2, 200
SHORTEST_LIFE, LONGEST_LIFE = 0.080, 0.230  # seconds after it has taken its share of the turns

Acked = dict[str, dict[int, str]]  # openid → step → the reply that was answered


@dataclass
class Lane:
    """One process after the other, for the same people."""

    people: list[str]
    last_step: int
    acked: dict[int, str] = field(default_factory=dict)
    child: Child | None = None
    changed: list[int] = field(default_factory=list)  # steps that were answered differently the second time

    def begin(self, children: Children, url: str, work: Callable[..., None] = keep_turning) -> None:
        next_step = max(self.acked, default=-1) + 1
        self.child = children.begin(work, url, self.people, MORNING, next_step, self.last_step)

    def listen(self, seconds: float) -> None:
        assert self.child is not None
        self._note(self.child.hear(seconds))

    def kill(self) -> None:
        assert self.child is not None
        self._note(self.child.kill())

    def finish(self) -> None:
        assert self.child is not None
        self._note(self.child.wait(120))

    def _note(self, said: list[tuple[int, str]]) -> None:
        for step, reply in said:
            if self.acked.setdefault(step, reply) != reply:
                self.changed.append(step)

    def answered(self) -> Acked:
        answered: Acked = {}
        for step, reply in self.acked.items():
            openid = self.people[step // len(ROUND) % len(self.people)]
            answered.setdefault(openid, {})[step] = reply
        return answered


@dataclass
class Verdict:
    lost: list[Any]
    doubled: list[Any]
    changed: list[int]
    flaws: list[str]


def judge(database: Database, lanes: list[Lane]) -> Verdict:
    """Compare what was answered with what stands in the database."""
    answered = {openid: steps for lane in lanes for openid, steps in lane.answered().items()}
    with database.transaction() as session:
        seal(session)
    with database.reading() as session:
        stored = {
            (openid, int(key)): reply
            for openid, key, reply in session.execute(
                sa.select(Inbox.openid, Inbox.key, Inbox.reply).where(Inbox.openid.like("kill-%"))
            )
        }
        orders = {
            str(row.id): row
            for row in session.execute(
                sa.select(WorkOrder.id, WorkOrder.openid, WorkOrder.state).where(WorkOrder.openid.like("kill-%"))
            )
        }
        happened = session.execute(
            sa.select(WorkOrder.openid, OrderEvent.event)
            .join(OrderEvent, OrderEvent.order_id == WorkOrder.id)
            .where(WorkOrder.openid.like("kill-%"), OrderEvent.event.in_(("create", "words", "cancel")))
        ).all()
        flaws = list(violations(session))
    lost = [
        (openid, step)
        for openid, steps in answered.items()
        for step, reply in steps.items()
        if not _stands(openid, step, reply, stored, orders)
    ]
    # A report leaves one mark, an order or words added to one; a 是 calls off one order.
    marks = Counter((openid, "cancel" if event == "cancel" else "report") for openid, event in happened)
    said = Counter((openid, {0: "report", 3: "cancel"}.get(step % len(ROUND), "")) for openid, step in stored)
    doubled = [(who, marks[who], said[who]) for who in marks if marks[who] > said[who]]
    return Verdict(lost, doubled, [step for lane in lanes for step in lane.changed], flaws)


def _stands(openid: str, step: int, reply: str, stored: dict[tuple[str, int], str], orders: dict[str, Any]) -> bool:
    if stored.get((openid, step)) != reply:
        return False
    named = ORDER.search(reply)
    order = orders.get(named[1]) if named else None
    if step % len(ROUND) == 0:
        return order is not None and order.openid == openid
    return step % len(ROUND) != 3 or (order is not None and order.state == "CANCELLED")


def lanes_of(turns: int) -> list[Lane]:
    names = [f"kill-{number}" for number in range(PEOPLE)]
    return [Lane(names[lane::LANES], turns // LANES) for lane in range(LANES)]


def test_a_hundred_kills_lose_nothing_and_double_nothing(demo_database: Database) -> None:
    url, dice = demo_database.engine.url.render_as_string(hide_password=False), random.Random(20261125)
    settle_people(demo_database, PEOPLE, MORNING)
    lanes = lanes_of(TURNS)
    with Children() as children:
        for lane in lanes:
            lane.begin(children, url)
        for kill in range(KILLS):
            lane = lanes[kill % LANES]
            share = TURNS * (kill + 1) // KILLS // LANES - 20
            while len(lane.acked) < share:
                lane.listen(1.0)
            end = time.monotonic() + dice.uniform(SHORTEST_LIFE, LONGEST_LIFE)
            while time.monotonic() < end:
                lane.listen(0.005)
            lane.kill()
            lane.begin(children, url)
        for lane in lanes:
            lane.finish()
    assert sum(len(lane.acked) for lane in lanes) == TURNS
    assert judge(demo_database, lanes) == Verdict([], [], [], [])


# --- the negative controls: what the judge must see -------------------------------------------------------------------


def _answers_too_soon(say: Callable[[Any], None], *arguments: Any) -> None:
    """Answers before the commit, and is killed between the two."""
    keep = inbox.keep

    def keep_and_die(session: Any, **row: Any) -> bool:
        kept = keep(session, **row)
        if row["key"] == "8":
            say((8, row["reply"]))
            os.kill(os.getpid(), signal.SIGKILL)
        return kept

    inbox.keep = keep_and_die
    keep_turning(say, *arguments)


def _forgets_what_it_has_seen(say: Callable[[Any], None], *arguments: Any) -> None:
    open_turn = conversations.open_turn
    conversations.open_turn = lambda *where, **what: (open_turn(*where, **what)[0], None)
    inbox.keep = lambda session, **_: True
    keep_turning(say, *arguments)


def test_an_answer_before_the_commit_would_be_seen_as_lost(demo_database: Database) -> None:
    url = demo_database.engine.url.render_as_string(hide_password=False)
    settle_people(demo_database, PEOPLE, MORNING)
    lane = Lane([f"kill-{number}" for number in range(PEOPLE)], 12)
    with Children() as children:
        lane.begin(children, url, _answers_too_soon)
        lane.finish()
    assert judge(demo_database, [lane]).lost == [("kill-2", 8)]


def test_without_the_inbox_a_message_delivered_again_would_be_seen_as_doubled(demo_database: Database) -> None:
    url = demo_database.engine.url.render_as_string(hide_password=False)
    settle_people(demo_database, PEOPLE, MORNING)
    lane = Lane([f"kill-{number}" for number in range(PEOPLE)], 2)
    with Children() as children:
        for _ in range(2):
            lane.begin(children, url, _forgets_what_it_has_seen if lane.acked else keep_turning)
            lane.finish()
            lane.acked = dict(list(lane.acked.items())[:1])
    assert judge(demo_database, [lane]).doubled == [(("kill-0", "report"), 2, 1)]
