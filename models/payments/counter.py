"""收款 at the counter's screen: what is confirmed is what is written, and only once, however often the button is pressed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.errors import Refusal
from models.estate.tables import Community, Home
from models.money import shown
from models.payments import purses
from models.payments.actions import Money, preview, take_in
from models.payments.counter_tables import CounterEntry
from models.payments.online import OtherOrder, open_order_of
from models.payments.queries import receipt_of
from models.payments.receipts import Position, number_of
from models.payments.tables import Payment, Receipt
from models.payments.telling import tell_taken

AT_THE_COUNTER = ("cash", "pos", "transfer")
CHANGED = "账单刚刚有变化，什么都没有记，请再核对一遍。"


@dataclass(frozen=True)
class Entry:
    """What the cashier confirmed. `key` is the sheet's own; `seen` marks what the screen said the money would settle."""

    key: str
    fen: int
    channel: str
    reference: str
    payer: str
    chosen: tuple[int, ...]
    seen: str
    former: int | None = None  # the ownership whose debts it is for


@dataclass(frozen=True)
class Entered:
    """The payment a sheet was taken with. `first`: by this very press; `prepaid` fen are then held for the home."""

    payment: Payment
    receipt: Receipt | None
    first: bool
    prepaid: int = 0


def mark_of(positions: Sequence[Position]) -> str:
    """The same for the same lines: tells whether what was shown is still what would be written."""
    return hashlib.sha256("\n".join(f"{line.words} {line.fen}" for line in positions).encode()).hexdigest()[:32]


def entered_with(session: Session, company_id: int, key: str) -> Payment | None:
    """The payment a sheet was taken with, if it was sent already."""
    return session.scalars(
        sa.select(Payment)
        .join(CounterEntry, CounterEntry.payment_id == Payment.id)
        .where(CounterEntry.company_id == company_id, CounterEntry.key == key)
    ).first()


def enter(session: Session, home: Home, entry: Entry, *, by: str, now: datetime) -> Entered:
    """Raises OtherOrder while somebody pays for the home by WeChat (that must be ended first), Refusal when what was confirmed
    is not what would be written any more, or when the sheet was already used for something else."""
    if entry.channel not in AT_THE_COUNTER:
        raise Refusal("请选怎么收的：现金、刷卡或转账。")
    company_id = session.scalars(sa.select(Community.company_id).where(Community.id == home.community_id)).one()
    if not insert_or_ignore(session, CounterEntry, {"company_id": company_id, "key": entry.key, "payment_id": None}):
        return _before(session, company_id, home, entry)
    # Whoever else moves money of this home waits here, so the lines below stay as they are until they are written.
    purses.lock(session, home.id)
    order = open_order_of(session, home.id)
    if order is not None:
        raise OtherOrder(order.number)
    if mark_of(preview(session, home, entry.fen, chosen=entry.chosen, former=entry.former, now=now)) != entry.seen:
        raise Refusal(CHANGED)
    # Cash has no number of its own: the sheet's stands for it.
    money = Money(entry.fen, entry.channel, entry.reference or f"desk-{entry.key}", entry.payer)
    taken = take_in(session, home, money, chosen=entry.chosen, former=entry.former, by=by, now=now)
    tell_taken(session, home, taken.payment, taken.receipt, taken.positions, now=now)
    session.execute(
        sa.update(CounterEntry)
        .where(CounterEntry.company_id == company_id, CounterEntry.key == entry.key)
        .values(payment_id=taken.payment.id)
    )
    return Entered(taken.payment, taken.receipt, True, taken.prepaid)


def _before(session: Session, company_id: int, home: Home, entry: Entry) -> Entered:
    """The sheet was sent before: its payment is what came of it, unless it says something else now."""
    payment = entered_with(session, company_id, entry.key)
    if payment is None:
        raise Refusal(CHANGED)
    receipt = receipt_of(session, payment.id)
    if _said(payment) != (home.id, entry.former, entry.fen, entry.channel):
        number = f"，收据 {number_of(receipt)}" if receipt is not None else ""
        raise Refusal(f"这一页刚才已经收过{shown(payment.fen)}了{number}，这次没有记。还要再收，请重新打开收款。")
    return Entered(payment, receipt, False)


def _said(payment: Payment) -> tuple[int, int | None, int, str]:
    return payment.home_id, payment.former_id, payment.fen, payment.channel
