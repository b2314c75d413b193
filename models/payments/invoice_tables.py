"""Rows for invoices asked for. They are made elsewhere; here is only who wants which, and how far it is."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_LIVE = sa.text("live")


class Invoice(Base):
    """One request. `kind`: plain or special; `state`: asked, issued, sent, reversed. `number` is the invoice's own."""

    __tablename__ = "invoices"
    __table_args__ = (
        sa.Index("ix_invoices_state", "company_id", "state", "id"),
        sa.Index("ix_invoices_home", "home_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    kind: Mapped[str] = mapped_column(sa.String(8))
    title: Mapped[str] = mapped_column(sa.String(64))
    tax_number: Mapped[str] = mapped_column(sa.String(20), default="")
    email: Mapped[str] = mapped_column(sa.String(100))
    fen: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(8))
    number: Mapped[str] = mapped_column(sa.String(32), default="")
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


class InvoiceBill(Base):
    """A bill on an invoice. A bill is on at most one that is `live`; a reversed one lets it go."""

    __tablename__ = "invoice_bills"
    __table_args__ = (
        sa.Index("uq_invoice_bills_live", "bill_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoices.id"), primary_key=True)
    bill_id: Mapped[int] = mapped_column(sa.ForeignKey("bills.id"), primary_key=True)
    live: Mapped[bool] = mapped_column(default=True)
