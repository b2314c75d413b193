"""Rows for paying by WeChat: what was asked to be paid, what is to go back, and what went wrong on the way."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.billing.waiving import FREE
from models.db import Base, Id

_OPEN = sa.text("state IN ('new', 'open', 'closing')")


class OnlineOrder(Base):
    """商户订单: `fen` somebody is to pay by WeChat for a home. `number` (out_trade_no) is ours and is written down before WeChat
    hears of it; states in order_states.py. A home has at most one that is not ended, so nobody pays the same twice.

    `chosen` are the bills it is for, in the payer's order; with none the money goes by the order of the law, or, `hold`, is
    only kept in advance. `token` is WeChat's: the prepay_id, or what the QR code says. `by`: who wanted it ended, if staff did.
    """

    __tablename__ = "online_orders"
    __table_args__ = (
        sa.CheckConstraint("fen > 0", name="positive"),
        sa.Index("uq_online_orders_open", "home_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_online_orders_due", "next_look_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_online_orders_home", "home_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    number: Mapped[str] = mapped_column(sa.String(32), unique=True)
    # jsapi (inside WeChat), native (a code on the cashier's screen), papay (by a contract)
    way: Mapped[str] = mapped_column(sa.String(8))
    account: Mapped[str] = mapped_column(sa.String(64))
    openid: Mapped[str] = mapped_column(sa.String(64), default="")
    payer: Mapped[str] = mapped_column(sa.String(64), default="")
    fen: Mapped[int]
    chosen: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    hold: Mapped[bool] = mapped_column(default=False)
    description: Mapped[str] = mapped_column(sa.String(127))
    state: Mapped[str] = mapped_column(sa.String(10), default="new")
    token: Mapped[str] = mapped_column(sa.String(128), default="")
    token_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    next_look_at: Mapped[datetime]
    transaction_id: Mapped[str | None] = mapped_column(sa.String(32), unique=True)
    payment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payments.id"))
    ended_at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(sa.String(64), default="")


class OnlineRefund(Base):
    """退款 by WeChat of a payment. `number` (out_refund_no) is the same on every try. States: wanted (a manager must agree),
    agreed (in the books; WeChat is to be asked), under_way, done, abnormal (a person must help), closed, refused."""

    __tablename__ = "online_refunds"
    __table_args__ = (
        sa.CheckConstraint("fen > 0", name="positive"),
        sa.Index("ix_online_refunds_due", "state", "next_look_at"),
        sa.Index("ix_online_refunds_payment", "payment_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    payment_id: Mapped[int] = mapped_column(sa.ForeignKey("payments.id"))
    number: Mapped[str] = mapped_column(sa.String(64), unique=True)
    fen: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(80))
    state: Mapped[str] = mapped_column(sa.String(10))
    by: Mapped[str] = mapped_column(sa.String(64))
    agreed_by: Mapped[str] = mapped_column(sa.String(64), default="")
    made_at: Mapped[datetime]
    next_look_at: Mapped[datetime]
    looks: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]


class PayTerms(Base):
    """What the service contract of a compound says of paying; a compound without a row has the defaults.

    `prepay_months`: so many months of service fee may be held in advance at most, 0 for any number. `refund_free`: fen that
    a cashier may give back without a manager. `principal_first`: the owner-friendly order within a bill. `waive_free`: fen
    that one member of staff may waive alone. `debts_stay`: after a change of owner a debt stays with the person who made it, as
    the law has it; False where the contract says that it goes with the home. `renovation_deposit_allowed`: some cities forbid it.
    `vacancy_pays` percent of the service fee for a home that has been empty for `vacancy_months`, by `vacancy_document`; 100: all.
    """

    __tablename__ = "pay_terms"
    __table_args__ = (sa.CheckConstraint("prepay_months >= 0 AND refund_free >= 0", name="positive"),)

    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"), primary_key=True)
    prepay_months: Mapped[int] = mapped_column(default=12)
    refund_free: Mapped[int] = mapped_column(default=0)
    principal_first: Mapped[bool] = mapped_column(default=False)
    waive_free: Mapped[int] = mapped_column(default=FREE)
    debts_stay: Mapped[bool] = mapped_column(default=True)
    renovation_deposit_allowed: Mapped[bool] = mapped_column(default=True)
    vacancy_pays: Mapped[int] = mapped_column(default=100)
    vacancy_months: Mapped[int] = mapped_column(default=6)
    vacancy_document: Mapped[str] = mapped_column(sa.String(100), default="")


class PayTrouble(Base):
    """Something about money that came, by WeChat or from the bank, that a person must look at, kept whatever becomes of it. `what`: unknown_order,
    mismatch, second_payment, late_payment, not_posted, unknown_refund, refund_abnormal, refund_closed, unresolved, debit_not_posted. `number` is ours."""

    __tablename__ = "pay_troubles"
    __table_args__ = (sa.UniqueConstraint("what", "number", "transaction_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("companies.id"))
    what: Mapped[str] = mapped_column(sa.String(16))
    number: Mapped[str] = mapped_column(sa.String(64))
    transaction_id: Mapped[str] = mapped_column(sa.String(32), default="")
    fen: Mapped[int | None]
    words: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
