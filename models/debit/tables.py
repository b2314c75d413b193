"""Rows of direct debit. A list for the bank is never changed once it is made; what came of each line is."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_IN_FORCE = sa.text("ended_at IS NULL")
_OPEN = sa.text("state = 'sent'")


class DebitTerms(Base):
    """A compound that collects by direct debit: through which bank (a key of bank_profiles.toml), and on which days of the month
    the first and the second list are due. No row, no direct debit."""

    __tablename__ = "debit_terms"

    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"), primary_key=True)
    bank: Mapped[str] = mapped_column(sa.String(32))
    first_day: Mapped[int] = mapped_column(default=10)
    second_day: Mapped[int] = mapped_column(default=20)


class Mandate(Base):
    """三方委托代扣协议 of a home: the bank may take what is owed from the account of `holder`. One of a home is in force."""

    __tablename__ = "mandates"
    __table_args__ = (
        sa.Index("uq_mandates_in_force", "home_id", unique=True, sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE),
        sa.Index("ix_mandates_home", "home_id"),
        sa.Index("ix_mandates_community", "community_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    sealed: Mapped[str] = mapped_column(sa.String(200))  # the account number (models/vault.py), never in plain
    tail: Mapped[str] = mapped_column(sa.String(4))  # its last four digits, which is all that is shown
    holder: Mapped[str] = mapped_column(sa.String(40))
    agreement: Mapped[str] = mapped_column(sa.String(40))  # 协议号
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(sa.String(64), default="")
    ended_why: Mapped[str] = mapped_column(sa.String(60), default="")


class DebitBatch(Base):
    """A list for the bank. state: sent (处理中), done (the answer is in), dropped (it was never sent). `number` is 批次号.

    `digest` of the answer: the same file again does nothing.
    """

    __tablename__ = "debit_batches"
    __table_args__ = (
        sa.UniqueConstraint("number"),
        sa.Index("uq_debit_batches_open", "community_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_debit_batches_community", "community_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    bank: Mapped[str] = mapped_column(sa.String(32))
    number: Mapped[str] = mapped_column(sa.String(16))
    day: Mapped[date]
    count: Mapped[int]
    total: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(8), default="sent")
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(sa.String(64), default="")


class DebitLine(Base):
    """One home of a list: `fen` for `bills`. state: waiting, paid, refused (`reason` says why), look (the money came, but a person
    must say for whom), dropped. What came twice is in the home's purse; then `twice` says how much."""

    __tablename__ = "debit_lines"
    __table_args__ = (
        sa.UniqueConstraint("batch_id", "seq"),
        sa.Index("ix_debit_lines_home", "home_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("debit_batches.id"))
    seq: Mapped[int]
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    mandate_id: Mapped[int] = mapped_column(sa.ForeignKey("mandates.id"))
    fen: Mapped[int]
    bills: Mapped[list[Any]] = mapped_column(sa.JSON)
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    serial: Mapped[str] = mapped_column(sa.String(40), default="")
    paid_on: Mapped[date | None]
    twice: Mapped[int] = mapped_column(default=0)
    payment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payments.id"))
