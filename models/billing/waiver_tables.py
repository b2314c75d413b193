"""Rows for what was taken off bills."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id


class Waiver(Base):
    """减免 of `fen` for a home. States: wanted (somebody else must agree: `needs_another`), done, refused.

    `item`: the name of the only item it is meant for, "" for any of the company's own. `reason` is a key of waiving.py: REASONS.
    """

    __tablename__ = "waivers"
    __table_args__ = (
        sa.CheckConstraint("fen > 0", name="positive"),
        sa.Index("ix_waivers_home", "home_id", "id"),
        sa.Index("ix_waivers_state", "community_id", "state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    fen: Mapped[int]
    item: Mapped[str] = mapped_column(sa.String(32), default="")
    reason: Mapped[str] = mapped_column(sa.String(12))
    words: Mapped[str] = mapped_column(sa.String(100), default="")
    needs_another: Mapped[bool]
    state: Mapped[str] = mapped_column(sa.String(8))
    by: Mapped[str] = mapped_column(sa.String(64))
    agreed_by: Mapped[str] = mapped_column(sa.String(64), default="")
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class WaiverLine(Base):
    """What a waiver took off one bill: `line_id` is the negative bill that says so. `live` until it was taken back."""

    __tablename__ = "waiver_lines"
    __table_args__ = (sa.Index("ix_waiver_lines_bill", "bill_id"), sa.Index("ix_waiver_lines_waiver", "waiver_id"))

    line_id: Mapped[int] = mapped_column(sa.ForeignKey("bills.id"), primary_key=True)
    bill_id: Mapped[int] = mapped_column(sa.ForeignKey("bills.id"))
    waiver_id: Mapped[int] = mapped_column(sa.ForeignKey("waivers.id"))
    fen: Mapped[int]
    live: Mapped[bool] = mapped_column(default=True)
