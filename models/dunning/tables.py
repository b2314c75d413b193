"""Rows for reminders: each demand with its proof, what stops them, and debts paid in parts."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_IN_FORCE = sa.text("ended_at IS NULL")


class Demand(Base):
    """One demand on one home: which step, for how much, by which way, and what became of it. Only added to, never removed.

    `due` is the oldest due day it speaks of; `round` counts the instalment plans the home has not kept. The same step for the
    same debt is taken once. `way`: chat, letter, file, call, visit. `proof`: the number of the parcel, who signed, what was said.
    """

    __tablename__ = "demands"
    __table_args__ = (
        sa.UniqueConstraint("home_id", "due", "step", "round"),
        sa.Index("ix_demands_home", "home_id", "at"),
        sa.Index("ix_demands_community", "community_id", "step", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    step: Mapped[int]
    round: Mapped[int] = mapped_column(default=0)
    due: Mapped[date]
    fen: Mapped[int] = mapped_column(sa.BigInteger)
    way: Mapped[str] = mapped_column(sa.String(8))
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("work_orders.id"))  # the late repair it mentions
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    opened_at: Mapped[datetime | None]  # somebody of the home answered it or looked at the bill
    delivered_on: Mapped[date | None]  # a letter
    proof: Mapped[str] = mapped_column(sa.String(200), default="")
    photo: Mapped[str] = mapped_column(sa.String(64), default="")  # the slip, as a file of ours


class DemandSent(Base):
    """A demand on its way to one WeChat. What became of it is copied from the outbox, which forgets. state: waiting, sent, failed."""

    __tablename__ = "demands_sent"
    __table_args__ = (
        sa.Index(
            "ix_demands_sent_open",
            "id",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index("ix_demands_sent_demand", "demand_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    demand_id: Mapped[int] = mapped_column(sa.ForeignKey("demands.id"))
    key: Mapped[str] = mapped_column(sa.String(160))  # the outbox's dedupe key
    state: Mapped[str] = mapped_column(sa.String(8), default="waiting")
    channel: Mapped[str] = mapped_column(sa.String(16), default="")
    outcome: Mapped[str] = mapped_column(sa.String(300), default="")  # the platform's own words or code, masked
    at: Mapped[datetime | None]


class DunningStop(Base):
    """What stops reminders of a home: `why` is a word of steps.STOPS. `until`: the last day it holds, None for no end."""

    __tablename__ = "dunning_stops"
    __table_args__ = (
        sa.Index("ix_dunning_stops_home", "home_id"),
        sa.Index("uq_dunning_stops", "home_id", "why", unique=True, sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    why: Mapped[str] = mapped_column(sa.String(16))
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    until: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(sa.String(64), default="")


class UnpaidReason(Base):
    """Why a home says it has not paid: a number of steps.REASONS, in whose words."""

    __tablename__ = "unpaid_reasons"
    __table_args__ = (sa.Index("ix_unpaid_reasons_home", "home_id", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    reason: Mapped[int]
    words: Mapped[str] = mapped_column(sa.String(200), default="")
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


class InstalmentPlan(Base):
    """分期 of what a home owed when it was agreed. state: active, kept, broken, ended."""

    __tablename__ = "instalment_plans"
    __table_args__ = (
        sa.Index("ix_instalment_plans_home", "home_id"),
        sa.Index(
            "uq_instalment_plans_active",
            "home_id",
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    fen: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(8), default="active")
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


class Instalment(Base):
    """One part of a plan."""

    __tablename__ = "instalments"

    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("instalment_plans.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_on: Mapped[date]
    fen: Mapped[int]
