"""Rows for paid service: what a company charges, and what was offered for one order."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_LIVE = sa.text("state IN ('checking', 'offered', 'agreed')")


class ServicePrice(Base):
    """One line of a company's 有偿服务价目 from a day on; a newer row of the same name takes its place. Never edited.

    Fen for one `unit`. Not `active`: from that day on it is not on the list any more.
    """

    __tablename__ = "service_prices"
    __table_args__ = (
        sa.CheckConstraint("low >= 0 AND low <= high", name="span"),
        sa.Index("ix_service_prices_company", "company_id", "name", "valid_from"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    name: Mapped[str] = mapped_column(sa.String(32))
    unit: Mapped[str] = mapped_column(sa.String(4))
    low: Mapped[int]
    high: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    document: Mapped[str] = mapped_column(sa.String(100))  # what the price rests on, e.g. 2026年价格公示
    valid_from: Mapped[date]


class Quote(Base):
    """报价 for an order, before the work. An order has at most one that is still alive.

    `state`: checking (off the list, the manager must look), offered (the home must agree), agreed, billed (the work is done, see
    `bill_id`), and the ends refused, withdrawn. `works`: [[words, fen], …].
    """

    __tablename__ = "quotes"
    __table_args__ = (
        sa.CheckConstraint("fen > 0", name="positive"),
        sa.Index("uq_quotes_live", "order_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        sa.Index("ix_quotes_order", "order_id"),
        sa.Index("ix_quotes_bill", "bill_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("work_orders.id"))
    works: Mapped[list[Any]] = mapped_column(sa.JSON)
    fen: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(10))
    off_list: Mapped[str] = mapped_column(sa.Text, default="")  # why it was for the manager to look at, in words
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    approved_by: Mapped[str] = mapped_column(sa.String(64), default="")  # the manager, for one off the list
    answered_by: Mapped[str] = mapped_column(sa.String(64), default="")  # who agreed or refused
    answered_at: Mapped[datetime | None]
    bill_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bills.id"))
