"""Rows for meters: which hang where, what they showed on which day, and up to where they have been billed."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id


class Meter(Base):
    """表: of a home, or (without one) a master meter of a compound, a building or an entrance.

    `ratio` is exact text ("40" for a current transformer). `start` is what it showed when we began to count (1/10000 unit; None:
    the first reading is that). `code` is what its sticker says, `tag` the letters for those who cannot scan.
    """

    __tablename__ = "meters"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "kind", "building", "entrance", "room", "name"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("tag"),
        sa.Index("ix_meters_home", "home_id", "kind"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int | None] = mapped_column(sa.ForeignKey("homes.id"))
    kind: Mapped[str] = mapped_column(sa.String(8))  # water, electric, gas, heat
    building: Mapped[str] = mapped_column(sa.String(16), default="")  # as of the home; of a master meter: what it feeds
    entrance: Mapped[str] = mapped_column(sa.String(16), default="")
    room: Mapped[str] = mapped_column(sa.String(16), default="")
    name: Mapped[str] = mapped_column(sa.String(16), default="")  # 厨房, when a home has several; 总表
    number: Mapped[str] = mapped_column(sa.String(32), default="")  # what the maker printed on it
    ratio: Mapped[str] = mapped_column(sa.String(16), default="1")
    digits: Mapped[int | None]  # whole digits it can show, for those that go round
    start: Mapped[int | None] = mapped_column(sa.BigInteger)
    start_on: Mapped[date | None]
    code: Mapped[str] = mapped_column(sa.String(64))
    tag: Mapped[str] = mapped_column(sa.String(8))
    created_at: Mapped[datetime]


class Reading(Base):
    """抄表: what a meter showed on a day, in 1/10000 unit. Only ever added: a correction is the next `seq` of that day.

    `void` takes the day's reading back. `rolled`: somebody looked and it has gone past its end. A replaced meter has the old
    one's last reading and the new one's first.
    """

    __tablename__ = "readings"
    __table_args__ = (sa.UniqueConstraint("meter_id", "on", "seq"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    meter_id: Mapped[int] = mapped_column(sa.ForeignKey("meters.id"))
    on: Mapped[date]
    seq: Mapped[int] = mapped_column(default=0)
    value: Mapped[int] = mapped_column(sa.BigInteger)
    rolled: Mapped[bool] = mapped_column(default=False)
    old_end: Mapped[int | None] = mapped_column(sa.BigInteger)
    new_start: Mapped[int | None] = mapped_column(sa.BigInteger)
    estimated: Mapped[bool] = mapped_column(default=False)
    void: Mapped[bool] = mapped_column(default=False)
    photo: Mapped[str] = mapped_column(sa.String(64), default="")
    note: Mapped[str] = mapped_column(sa.String(64), default="")
    source: Mapped[str] = mapped_column(sa.String(8))  # chat, import, demo
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


class BilledUse(Base):
    """Up to where a bill counted a meter. The next one goes on from here, whatever has been corrected meanwhile."""

    __tablename__ = "billed_uses"
    __table_args__ = (sa.Index("ix_billed_uses_meter", "meter_id", "upto_on"),)

    bill_id: Mapped[int] = mapped_column(sa.ForeignKey("bills.id"), primary_key=True)
    meter_id: Mapped[int] = mapped_column(sa.ForeignKey("meters.id"), primary_key=True)
    since: Mapped[int] = mapped_column(sa.BigInteger)
    upto: Mapped[int] = mapped_column(sa.BigInteger)
    upto_on: Mapped[date]
    used: Mapped[int] = mapped_column(sa.BigInteger)  # 1/10000 unit, ratio and all
