"""Rows for fees: what is charged, at which price, to which home, and what came of it."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_OPEN = sa.text("paid <> amount")
_BY_NO_RUN = sa.text("run_id IS NULL AND tariff_id IS NULL")
_LATE = sa.text("late_for IS NOT NULL")


class FeeItem(Base):
    """收费项目 of a company. `fund` keeps money apart that is not the company's: income, agency (代收), public (公共收益), deposit."""

    __tablename__ = "fee_items"
    __table_args__ = (sa.UniqueConstraint("company_id", "code"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    code: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.String(32))
    fund: Mapped[str] = mapped_column(sa.String(8))
    payer: Mapped[str] = mapped_column(sa.String(8), default="owner")  # owner, occupant


class Tariff(Base):
    """收费标准: how one compound charges one item, from a day on. A changed agreement is a new row; prices have rows of their own.

    Periods are counted from `anchor`. `late_rate` is in hundredths of a basis point a day (0.05 % is 500), `late_cap` in percent.
    """

    __tablename__ = "tariffs"
    __table_args__ = (sa.UniqueConstraint("community_id", "item_id", "from_day"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("fee_items.id"))
    formula: Mapped[str] = mapped_column(sa.String(8))  # area, fixed, floor, meter
    applies_to: Mapped[str] = mapped_column(sa.String(8), default="home")  # the kind of home it is meant for
    cycle_months: Mapped[int] = mapped_column(default=1)
    in_advance: Mapped[bool] = mapped_column(default=True)
    anchor: Mapped[date]
    rounding: Mapped[str] = mapped_column(sa.String(12), default="fen_half_up")
    month_by_month: Mapped[bool] = mapped_column(default=True)  # round each month, or the period as a whole
    proration: Mapped[str] = mapped_column(sa.String(12), default="next_month")
    due_days: Mapped[int | None]  # after the day it is issued; None: the last day of that month
    late_rate: Mapped[int] = mapped_column(default=0)
    late_cap: Mapped[int] = mapped_column(default=100)
    grace_days: Mapped[int] = mapped_column(default=0)
    floors: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # floor → its part, as text: {"2": "0.5"}
    # By meter: {"span": "year" or "month", "tiers": [[up to, fen a unit], …, [null, fen]]}, exact as text; {} is one price.
    tiers: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    # Off a whole year paid in advance: {"pays": "0.95"} or {"free_months": 1}; {} is nothing (models/billing/discounts.py).
    offer: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    from_day: Mapped[date]
    until_day: Mapped[date | None]


class TariffPrice(Base):
    """What a unit costs a month from a day on, and the paper it rests on. Never edited. `price` is in 1/100 fen."""

    __tablename__ = "tariff_prices"
    __table_args__ = (sa.UniqueConstraint("tariff_id", "valid_from"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    tariff_id: Mapped[int] = mapped_column(sa.ForeignKey("tariffs.id"))
    valid_from: Mapped[date]
    price: Mapped[int]
    document: Mapped[str] = mapped_column(sa.String(200))


class Charge(Base):
    """This home pays by this tariff, from a day (that of the handover) until a day. `pieces`: two parking spaces are 2."""

    __tablename__ = "charges"
    __table_args__ = (
        sa.UniqueConstraint("home_id", "tariff_id", "from_day"),
        sa.Index("ix_charges_tariff", "tariff_id", "home_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    tariff_id: Mapped[int] = mapped_column(sa.ForeignKey("tariffs.id"))
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    pieces: Mapped[int] = mapped_column(default=1)


class BillingRun(Base):
    """出账: one month of one compound. draft (growing) → ready (to be looked at) → approved → published.

    What is not published may be thrown away; what is, never. `told_at` when every owner has been promised the news.
    """

    __tablename__ = "billing_runs"
    __table_args__ = (sa.UniqueConstraint("community_id", "period"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    period: Mapped[str] = mapped_column(sa.String(7))
    state: Mapped[str] = mapped_column(sa.String(10), default="draft")
    begun_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    bills: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(sa.BigInteger, default=0)  # fen
    by: Mapped[str] = mapped_column(sa.String(64))


class SkippedHome(Base):
    """A home that got no bill in a run, and why: never a bill over 0 instead."""

    __tablename__ = "skipped_homes"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_runs.id"), primary_key=True)
    charge_id: Mapped[int] = mapped_column(sa.ForeignKey("charges.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(sa.String(64))


class Bill(Base):
    """账单, one item of one home for one period; together a home's month. Amounts in fen.

    A posted bill never changes but for what was `paid`: a mistake is taken back by a second row that `reverses` it, and
    billed anew under the next `seq`. `basis` is the equation it was worked out by (models/billing/lines.py).

    No index looks at `state`, and PostgreSQL leaves half of a page free: a draft is posted where it stands, without a new entry in
    any index, which takes a fifth of the time. What is paid later finds room there, too.
    """

    __tablename__ = "bills"
    __table_args__ = (
        sa.UniqueConstraint("home_id", "item_id", "start", "end", "seq"),
        sa.Index("ix_bills_home", "home_id", "period"),
        sa.Index("ix_bills_run", "run_id"),
        sa.Index("ix_bills_period", "community_id", "period"),
        sa.Index("ix_bills_late_for", "late_for", sqlite_where=_LATE, postgresql_where=_LATE),
        sa.Index("ix_bills_by_no_run", "community_id", "item_id", sqlite_where=_BY_NO_RUN, postgresql_where=_BY_NO_RUN),
        sa.Index("ix_bills_open", "community_id", "due_on", sqlite_where=_OPEN, postgresql_where=_OPEN),
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("fee_items.id"))
    tariff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tariffs.id"))  # None: charged once, by no tariff
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("billing_runs.id"))
    period: Mapped[str] = mapped_column(sa.String(7))  # the month it is issued in
    start: Mapped[date]
    end: Mapped[date]
    seq: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    amount: Mapped[int]
    paid: Mapped[int] = mapped_column(default=0)
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(sa.String(8), default="draft")  # draft, posted, reversed
    reverses: Mapped[int | None] = mapped_column(sa.ForeignKey("bills.id"))
    late_for: Mapped[int | None] = mapped_column(sa.ForeignKey("bills.id"))  # a late fee: of this bill
    former_id: Mapped[int | None] = mapped_column(sa.BigInteger)  # the ownership of a former owner; None: of today's
    basis: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
