"""总账: double entry. Entries are only ever added, and each sums to zero (a trigger of trust: `audit` adds them up anew).

Accounts: what homes owe (receivable), what has been earned (income), what is only passed on (agency), what belongs to all
owners (public revenue, 民法典 §282), what is held for somebody (deposit, prepayment), and where money lies (cash, pos,
transfer, wechat, debit).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.billing.closed_months import dated
from models.db import Base, Id, insert_few, insert_one

Account = Literal[
    "receivable", "income", "agency", "public", "deposit", "prepayment", "cash", "pos", "transfer", "wechat", "debit"
]
ACCOUNTS: tuple[Account, ...] = get_args(Account)


class LedgerEntry(Base):
    """One thing that happened to money. `document` names the row it rests on: run:12, payment:7."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        sa.UniqueConstraint("document", "what"),
        sa.Index("ix_ledger_entries_community", "community_id", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(sa.String(16))  # bill, payment, reversal, …
    document: Mapped[str] = mapped_column(sa.String(48))
    by: Mapped[str] = mapped_column(sa.String(64))


class LedgerLine(Base):
    """A side of an entry, in fen: debits are positive, credits negative."""

    __tablename__ = "ledger_lines"
    __table_args__ = (sa.Index("ix_ledger_lines_account", "account", "item_id"),)

    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_entries.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(sa.String(12))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("fee_items.id"))
    fen: Mapped[int] = mapped_column(sa.BigInteger)


@dataclass(frozen=True)
class Side:
    """`fen` more (debit) or less (negative, credit) on an account."""

    account: Account
    fen: int
    item_id: int | None = None


def post(
    session: Session,
    *,
    community_id: int,
    what: str,
    document: str,
    sides: Sequence[Side],
    by: str,
    now: datetime,
    is_dated: bool = False,
) -> int:
    """Write an entry; returns its id. Sides of 0 are left out. In a month that is closed it is dated in the next one; `is_dated`:
    the caller has seen to that already (`dated`).

    Raises ValueError when it does not sum to zero, and IntegrityError when this document has had this done to it before.
    """
    if sum(side.fen for side in sides):
        raise ValueError(f"{document}: an entry sums to zero")
    at = now if is_dated else dated(session, community_id, now)
    written = {"community_id": community_id, "at": at, "what": what, "document": document, "by": by}
    entry = insert_one(session, LedgerEntry, written)
    rows = [
        {"entry_id": entry, "place": place, "account": side.account, "item_id": side.item_id, "fen": side.fen}
        for place, side in enumerate(side for side in sides if side.fen)
    ]
    if rows:
        insert_few(session, LedgerLine, rows)
    return entry


def balance(session: Session, community_id: int, account: Account, item_id: int | None = None) -> int:
    """Fen on an account of a compound; credits are negative."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(LedgerLine.fen), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.community_id == community_id, LedgerLine.account == account)
    )
    if item_id is not None:
        query = query.where(LedgerLine.item_id == item_id)
    return int(session.scalar(query) or 0)


def unbalanced(session: Session) -> Iterator[str]:
    """A sentence for each entry that does not sum to zero."""
    rows = session.execute(
        sa.select(LedgerLine.entry_id, sa.func.sum(LedgerLine.fen))
        .group_by(LedgerLine.entry_id)
        .having(sa.func.sum(LedgerLine.fen) != 0)
        .order_by(LedgerLine.entry_id)
    )
    for entry, fen in rows:
        yield f"ledger entry {entry}: sums to {fen} fen instead of zero"
