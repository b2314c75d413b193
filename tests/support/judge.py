"""What lanes have answered (tests/support/lanes.py), held against what stands in the database."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from handlers.commands.audit import violations
from models.audit.log import seal
from models.db import Database
from models.messaging.tables import Inbox
from models.workorders.tables import OrderEvent, WorkOrder
from tests.support.demo import MORNING
from tests.support.lanes import ORDER, ROUND, keep_turning
from tests.support.processes import Child, Children

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
    people = [openid for lane in lanes for openid in lane.people]
    with database.transaction() as session:
        seal(session)
    with database.reading() as session:
        stored = {
            (openid, int(key)): reply
            for openid, key, reply in session.execute(
                sa.select(Inbox.openid, Inbox.key, Inbox.reply).where(Inbox.openid.in_(people))
            )
        }
        orders = {
            str(row.id): row
            for row in session.execute(
                sa.select(WorkOrder.id, WorkOrder.openid, WorkOrder.state).where(WorkOrder.openid.in_(people))
            )
        }
        happened = session.execute(
            sa.select(WorkOrder.openid, OrderEvent.event)
            .join(OrderEvent, OrderEvent.order_id == WorkOrder.id)
            .where(WorkOrder.openid.in_(people), OrderEvent.event.in_(("create", "words", "cancel")))
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
