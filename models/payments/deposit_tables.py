"""Rows for money that is only kept for somebody."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id


class Deposit(Base):
    """押金 of a home: its own payment, never income. States: held, returned.

    `returned` fen went back, `deducted` fen paid `bill_id` (a damage, for `reason`); the two sum to the deposit. `receipt`: how the
    paper was dealt with (surrendered, lost).
    """

    __tablename__ = "deposits"
    __table_args__ = (
        sa.CheckConstraint("returned >= 0 AND deducted >= 0", name="positive"),
        sa.Index("ix_deposits_home", "home_id", "state"),
        sa.Index("ix_deposits_community", "community_id", "state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("fee_items.id"))
    payment_id: Mapped[int] = mapped_column(sa.ForeignKey("payments.id"), unique=True)
    fen: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(8), default="held")
    returned: Mapped[int] = mapped_column(default=0)
    deducted: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(sa.String(100), default="")
    bill_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bills.id"))
    receipt: Mapped[str] = mapped_column(sa.String(12), default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(sa.String(64), default="")
