"""A very small program with one effect that can be counted, for tests of the machine."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.dispatch import Desk
from bot.flow import Done, Flow, Next, Outcome, Program, Slot, Turn
from bot.incoming import Incoming
from bot.understanding.meaning import Context, Meaning
from models.db import Database
from models.errors import Refusal
from models.job_runs import JobRun


@dataclass(frozen=True)
class Speaker:
    account: str
    openid: str
    role: str = "owner"
    roles: frozenset[str] = frozenset({"owner"})
    awaiting: str = ""


@dataclass
class Shop:
    """A program with one effect that can be counted, and a door in the middle of each turn for tests to hold."""

    database: Database
    now: datetime
    inside: int = 0
    most_inside: int = 0
    order_words: str = ""  # what an order is answered with; "" for its number
    door: Callable[[], None] = lambda: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def desk(self) -> Desk:
        order = Flow(intent="order", title="下单", finish=self._order)
        sum_up = Flow(
            intent="sum",
            title="加",
            slots=(
                Slot("numbers", take=self._take_number, ask="再加几？"),
                Slot("end", take=lambda turn: None, ask="再加几？"),
            ),
            finish=lambda turn: Done("完"),
        )
        refused = Flow(intent="refused", title="买不到", finish=self._order_and_refuse)
        program = Program(
            flows={"order": order, "sum": sum_up, "refused": refused},
            events={},
            wordless=lambda turn: Done("照片"),
            unclear=lambda turn, times: "没明白",
            dropped=lambda title: "",
            identify=self._identify,
        )
        return Desk(SimpleNamespace(database=self.database), program, understand)

    def _identify(self, session: Session, incoming: Incoming, now: datetime) -> Speaker:
        with self._lock:
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
        self.door()
        with self._lock:
            self.inside -= 1
        return Speaker(incoming.account, incoming.openid)

    def _order(self, turn: Turn) -> Outcome:
        number = (turn.session.scalar(sa.select(sa.func.count()).select_from(JobRun)) or 0) + 1
        period = f"{turn.incoming.openid}-{turn.incoming.key}-{threading.get_ident()}-{number}"
        turn.session.add(JobRun(task="order", period=period[:32], started_at=turn.now))
        return Done(self.order_words or f"单号 {period}")

    def _order_and_refuse(self, turn: Turn) -> Outcome:
        self._order(turn)
        turn.session.flush()
        if "坏" in turn.text:
            raise RuntimeError("a bug after writing")
        raise Refusal("卖完了")

    def _take_number(self, turn: Turn) -> Outcome:
        return Next([*turn.slots.get("numbers", []), turn.text]) if turn.text.isdigit() else None

    def orders(self) -> int:
        with self.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(JobRun)) or 0

    def rows(self, table: type[Any]) -> list[Any]:
        with self.database.reading() as session:
            return list(session.scalars(sa.select(table)))


def understand(text: str, role: str, context: Context) -> Meaning:
    if text.startswith("下单"):
        also = (Meaning("refused", {}, 1.0),) if "买" in text else ()
        return Meaning("order", {}, 1.0, also)
    if text.startswith("买"):
        return Meaning("refused", {}, 1.0)
    return Meaning("sum", {}, 1.0) if text.startswith("加") else Meaning("out_of_scope", {}, 0.0)
