"""Rows for 公摊: a common cost, and what it comes to for each home."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_LIVE = sa.text("state <> 'dropped'")


class Pool(Base):
    """公摊费用: one bill of a month that many homes share. Amounts in fen. `code` opens its proof sheet.

    open (shared out, to be billed) → billed (in a run that was drafted); dropped before that. `facts` is what the sheet shows
    besides: meters, loss, warnings, who is left out and why.
    """

    __tablename__ = "pools"
    __table_args__ = (
        sa.Index(
            "uq_pools_live", "community_id", "period", "name", "building", "entrance",
            unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE,
        ),
        sa.UniqueConstraint("code"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("fee_items.id"))
    period: Mapped[str] = mapped_column(sa.String(7))  # the month the cost is of
    name: Mapped[str] = mapped_column(sa.String(32))
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    excluded: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    excluded_why: Mapped[str] = mapped_column(sa.String(100), default="")
    document: Mapped[str] = mapped_column(sa.String(200))
    base: Mapped[str] = mapped_column(sa.String(12))  # area, household, usage, floor, mixed
    area_part: Mapped[int] = mapped_column(default=0)  # per cent that goes by area, when mixed
    building: Mapped[str] = mapped_column(sa.String(16), default="")
    entrance: Mapped[str] = mapped_column(sa.String(16), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    state: Mapped[str] = mapped_column(sa.String(8), default="open")
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_runs.id"))
    code: Mapped[str] = mapped_column(sa.String(16))
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


class PoolShare(Base):
    """What one home bears: `weight` and `exact` (fen before the last fen were given out) as exact fractions in text."""

    __tablename__ = "pool_shares"
    __table_args__ = (sa.Index("ix_pool_shares_home", "home_id"),)

    pool_id: Mapped[int] = mapped_column(sa.ForeignKey("pools.id"), primary_key=True)
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"), primary_key=True)
    place: Mapped[int]  # in the order of the homes, which decides between equal remainders
    weight: Mapped[str] = mapped_column(sa.String(80))
    exact: Mapped[str] = mapped_column(sa.String(80))
    fen: Mapped[int]
    extra: Mapped[int] = mapped_column(default=0)  # 1: got one of the last fen
