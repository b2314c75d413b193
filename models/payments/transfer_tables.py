"""Money on the company's bank account of which nobody has said yet for which home it is."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_OPEN = sa.text("state = 'open'")


class BankTransfer(Base):
    """One credit of a bank statement. `serial` is the bank's own number: the same one is never entered twice. state: open (待认领),
    claimed (it is `payment_id`), other (no fee of a home: `reason` says what)."""

    __tablename__ = "bank_transfers"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "serial"),
        sa.CheckConstraint("fen > 0", name="positive"),
        sa.Index("ix_bank_transfers_open", "company_id", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_bank_transfers_payment", "payment_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    serial: Mapped[str] = mapped_column(sa.String(60))
    day: Mapped[date]
    fen: Mapped[int]
    payer: Mapped[str] = mapped_column(sa.String(64), default="")
    remark: Mapped[str] = mapped_column(sa.String(120), default="")
    state: Mapped[str] = mapped_column(sa.String(8), default="open")
    reason: Mapped[str] = mapped_column(sa.String(100), default="")
    payment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payments.id"))
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(sa.String(64), default="")


class BankLine(Base):
    """A side of an entry of the company's own small ledger (bank_book.py), in fen: debits are positive. `account`: transfer (where it
    lies, as in the compounds' ledgers) or unclaimed (owed to whoever paid). `what` happened to the credit: came, claimed, other.
    Only added to; the two sides of an entry sum to zero."""

    __tablename__ = "bank_lines"
    __table_args__ = (
        sa.UniqueConstraint("transfer_id", "what", "account"),
        sa.Index("ix_bank_lines_account", "company_id", "account", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    transfer_id: Mapped[int] = mapped_column(sa.ForeignKey("bank_transfers.id"))
    what: Mapped[str] = mapped_column(sa.String(8))
    account: Mapped[str] = mapped_column(sa.String(12))
    fen: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[datetime]
