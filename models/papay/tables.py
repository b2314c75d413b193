"""Rows of 委托代扣. What is taken is an order of models/payments/online_tables.py like any other: one of a home at a time, posted once."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_SIGNED = sa.text("state = 'signed'")
_TO_ASK = sa.text("state IN ('asked', 'ending')")
_COMING = sa.text("state IN ('planned', 'told')")


class PapayContract(Base):
    """签约: `openid` lets WeChat take the bills of a home. `code` (contract_code) is ours, `contract_id` WeChat's.

    state: asked (the page was opened, nobody knows yet) → signed → ending (wanted ended; WeChat is to be told) → ended;
    asked → lapsed (nothing was agreed). Of a home one is signed. Nothing is taken under any but a signed one.
    """

    __tablename__ = "papay_contracts"
    __table_args__ = (
        sa.Index("uq_papay_contracts_signed", "home_id", unique=True, sqlite_where=_SIGNED, postgresql_where=_SIGNED),
        sa.Index("ix_papay_contracts_due", "next_look_at", sqlite_where=_TO_ASK, postgresql_where=_TO_ASK),
        sa.Index("ix_papay_contracts_home", "home_id"),
        sa.Index("ix_papay_contracts_community", "community_id", "state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    account: Mapped[str] = mapped_column(sa.String(64))
    openid: Mapped[str] = mapped_column(sa.String(64))
    plan_id: Mapped[str] = mapped_column(sa.String(28))
    code: Mapped[str] = mapped_column(sa.String(32), unique=True)
    contract_id: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    state: Mapped[str] = mapped_column(sa.String(8), default="asked")
    asked_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    from_day: Mapped[date | None]  # the day it was signed: what was due before is left to its owner
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(sa.String(64), default="")
    ended_why: Mapped[str] = mapped_column(sa.String(60), default="")
    next_look_at: Mapped[datetime]


class PapayAttempt(Base):
    """Bills of a home that fall due together, to be taken on `charge_on`: `fen` was announced, never more is taken.

    state: planned → told (announced to WeChat and to the home) → asked (`order_id` says what came of it), or dropped, `reason`
    says why. `failed_at`: the home has heard that nothing came, for `reason`. `run`: the how-manieth try it is for its bills;
    from the second on `retry_of` is the one before, which nothing came of and whose bills it took over.
    """

    __tablename__ = "papay_attempts"
    __table_args__ = (
        sa.UniqueConstraint("order_id"),
        sa.CheckConstraint("fen > 0", name="positive"),
        sa.Index("ix_papay_attempts_coming", "charge_on", sqlite_where=_COMING, postgresql_where=_COMING),
        sa.Index("ix_papay_attempts_contract", "contract_id", "id"),
        sa.Index("ix_papay_attempts_community", "community_id", "id"),
        sa.Index("ix_papay_attempts_home", "home_id"),
        sa.Index("uq_papay_attempts_retry_of", "retry_of", unique=True),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    contract_id: Mapped[int] = mapped_column(sa.ForeignKey("papay_contracts.id"))
    charge_on: Mapped[date]
    fen: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(8), default="planned")
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("online_orders.id"))
    made_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    run: Mapped[int] = mapped_column(default=1, server_default="1")
    retry_of: Mapped[int | None] = mapped_column(sa.ForeignKey("papay_attempts.id"))


class PapayBill(Base):
    """A bill that an attempt is for. It is in one attempt only: a further try takes it over from the one that nothing came of, and
    after the last it is left to its owner and to reminders."""

    __tablename__ = "papay_bills"
    __table_args__ = (sa.UniqueConstraint("bill_id"),)

    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("papay_attempts.id"), primary_key=True)
    bill_id: Mapped[int] = mapped_column(sa.ForeignKey("bills.id"), primary_key=True)
