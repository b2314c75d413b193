"""Rows for money that moved."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_VALID = sa.text("voided_at IS NULL")


class Purse(Base):
    """预存款 of a home (not of a person): what is held for its next bills, in fen. Its row is locked before money moves.

    `held` is kept beside the entries so that it can never be spent twice; `audit` adds the entries up anew.
    """

    __tablename__ = "purses"
    __table_args__ = (sa.CheckConstraint("held >= 0", name="not_overdrawn"),)

    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"), primary_key=True)
    held: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class PurseEntry(Base):
    """One change of what is held. `what`: paid_in, used, refunded, moved, corrected."""

    __tablename__ = "purse_entries"
    __table_args__ = (sa.Index("ix_purse_entries_home", "home_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    fen: Mapped[int]
    what: Mapped[str] = mapped_column(sa.String(10))
    payment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payments.id"))
    bill_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bills.id"))
    at: Mapped[datetime]


class Payment(Base):
    """Money that came in for a home. `channel`: wechat, cash, pos, transfer, debit. `reference` is the channel's own number
    (WeChat's transaction id, the slip of the card reader): the same one is never taken twice."""

    __tablename__ = "payments"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "channel", "reference"),
        sa.CheckConstraint("fen > 0", name="positive"),
        sa.CheckConstraint("refunded >= 0 AND refunded <= fen", name="refunds"),
        sa.Index("ix_payments_home", "home_id", "at"),
        sa.Index("ix_payments_day", "community_id", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    channel: Mapped[str] = mapped_column(sa.String(10))
    reference: Mapped[str] = mapped_column(sa.String(64))
    fen: Mapped[int]
    refunded: Mapped[int] = mapped_column(default=0)
    payer: Mapped[str] = mapped_column(sa.String(64), default="")
    account: Mapped[str | None] = mapped_column(sa.String(64))  # the WeChat that paid, if it was one
    openid: Mapped[str | None] = mapped_column(sa.String(64))
    former_id: Mapped[int | None] = mapped_column(sa.BigInteger)  # the ownership of a former owner who paid it
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


class Settlement(Base):
    """What of a payment (or of what is held: no payment) went to one bill, in fen. Negative: taken off again by a refund."""

    __tablename__ = "settlements"
    __table_args__ = (sa.Index("ix_settlements_bill", "bill_id"), sa.Index("ix_settlements_payment", "payment_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    bill_id: Mapped[int] = mapped_column(sa.ForeignKey("bills.id"))
    payment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payments.id"))
    fen: Mapped[int]
    at: Mapped[datetime]


class Refund(Base):
    """Money given back of one payment. `number` is ours and is used again on every try."""

    __tablename__ = "refunds"
    __table_args__ = (sa.CheckConstraint("fen > 0", name="positive"), sa.Index("ix_refunds_payment", "payment_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    payment_id: Mapped[int] = mapped_column(sa.ForeignKey("payments.id"))
    number: Mapped[str] = mapped_column(sa.String(64), unique=True)
    fen: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(200))
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


class ReceiptBook(Base):
    """The next number of a company's receipts. Taken with the receipt in one transaction, so no number is ever missing."""

    __tablename__ = "receipt_books"

    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(8), primary_key=True)  # payment, deposit
    next_number: Mapped[int] = mapped_column(default=1)


class Receipt(Base):
    """收据. A void one keeps its number; a payment has at most one that is valid. `content` is what it says, for ever."""

    __tablename__ = "receipts"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "kind", "number"),
        sa.Index("uq_receipts_valid", "payment_id", unique=True, sqlite_where=_VALID, postgresql_where=_VALID),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    kind: Mapped[str] = mapped_column(sa.String(8))
    number: Mapped[int]
    payment_id: Mapped[int] = mapped_column(sa.ForeignKey("payments.id"))
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(sa.String(100), default="")
    reprints: Mapped[int] = mapped_column(default=0)
