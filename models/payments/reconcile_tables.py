"""Rows for 对账 and 日清: the days that were compared, what did not agree, and what was counted."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_OPEN = sa.text("closed_at IS NULL")


class StatementDay(Base):
    """One day's statement of one merchant. States: waiting (not got yet, or it failed: `trouble` says why), empty (WeChat says
    that there were no trades), done. A day that failed is tried again; it is never taken for one without trades."""

    __tablename__ = "statement_days"
    __table_args__ = (
        sa.UniqueConstraint("merchant", "day"),
        sa.Index("ix_statement_days_company", "company_id", "day"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    merchant: Mapped[str] = mapped_column(sa.String(32))
    day: Mapped[date]
    state: Mapped[str] = mapped_column(sa.String(8), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(sa.String(120), default="")
    trades: Mapped[int] = mapped_column(default=0)
    fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    refunded: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    fees: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    looked_at: Mapped[datetime | None]


class StatementMatch(Base):
    """This payment or refund of ours was on the statement of that day, so no later one need have it."""

    __tablename__ = "statement_matches"

    number: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    day: Mapped[date]


class Difference(Base):
    """What did not agree on a day, once, whatever becomes of it. `what`: see reconcile.py. A person closes it with a reason.

    `community_id` is None where nobody can say whose money it is.
    """

    __tablename__ = "differences"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "day", "what", "number", "transaction_id"),
        sa.Index("ix_differences_open", "company_id", "day", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("communities.id"))
    day: Mapped[date]
    channel: Mapped[str] = mapped_column(sa.String(10))
    what: Mapped[str] = mapped_column(sa.String(12))
    number: Mapped[str] = mapped_column(sa.String(64), default="")
    transaction_id: Mapped[str] = mapped_column(sa.String(64), default="")
    theirs: Mapped[int | None]
    ours: Mapped[int | None]
    found_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(sa.String(64), default="")
    reason: Mapped[str] = mapped_column(sa.String(100), default="")


class CashCount(Base):
    """日清: what somebody counted of one channel for a day, beside what the books said at that moment. Never edited."""

    __tablename__ = "cash_counts"
    __table_args__ = (sa.Index("ix_cash_counts_day", "community_id", "day"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    day: Mapped[date]
    channel: Mapped[str] = mapped_column(sa.String(10))
    counted: Mapped[int]
    booked: Mapped[int]
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
