"""A draft as the clerk leafs through it: its bills page by page, who was skipped, and what changed most against the month before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.tables import Bill, BillingRun, Charge, FeeItem, SkippedHome, Tariff
from models.estate.tables import Home


@dataclass(frozen=True)
class RunRow:
    """A bill of a run, with whose and what it is."""

    bill: Bill
    home: Home
    item: str


@dataclass(frozen=True)
class Changed:
    """An item of a home that costs more or less than in the run before, in fen."""

    home: Home
    item: str
    fen: int
    before: int


@dataclass(frozen=True)
class Skipped:
    """A home that got no bill of an item, and why."""

    home: Home
    item: str
    reason: str
    charge: int


def runs_before(session: Session, community_ids: Collection[int], *, before: int, limit: int) -> Sequence[BillingRun]:
    """The newest runs of these compounds."""
    return session.scalars(
        sa.select(BillingRun)
        .where(BillingRun.community_id.in_(community_ids), BillingRun.id < before)
        .order_by(BillingRun.id.desc())
        .limit(limit)
    ).all()


def rows_after(
    session: Session, run: BillingRun, *, after: int, limit: int, homes: Collection[int] | None = None
) -> list[RunRow]:
    """Its bills in the order they were written, those that were taken back left out; `homes` narrows them."""
    query = (
        sa.select(Bill, Home, FeeItem.name)
        .join(Home, Home.id == Bill.home_id)
        .join(FeeItem, FeeItem.id == Bill.item_id)
        # By its state too: then the index has them in this order, however long the run is.
        .where(Bill.run_id == run.id, Bill.state == _state_in(run), Bill.id > after)
        .order_by(Bill.id)
        .limit(limit)
    )
    if homes is not None:
        query = query.where(Bill.home_id.in_(homes))
    return [RunRow(bill, home, item) for bill, home, item in session.execute(query)]


def _state_in(run: BillingRun) -> str:
    return "posted" if run.state == "published" else "draft"


def skipped_after(session: Session, run: BillingRun, *, after: int, limit: int) -> list[Skipped]:
    rows = session.execute(
        sa.select(Home, FeeItem.name, SkippedHome.reason, SkippedHome.charge_id)
        .join(Charge, Charge.id == SkippedHome.charge_id)
        .join(Home, Home.id == Charge.home_id)
        .join(Tariff, Tariff.id == Charge.tariff_id)
        .join(FeeItem, FeeItem.id == Tariff.item_id)
        .where(SkippedHome.run_id == run.id, SkippedHome.charge_id > after)
        .order_by(SkippedHome.charge_id)
        .limit(limit)
    )
    return [Skipped(home, item, reason, charge) for home, item, reason, charge in rows]


def changed_most(session: Session, run: BillingRun, *, limit: int) -> list[Changed]:
    """Against the last run that was published before; what is new has nothing to be held against."""
    last = session.scalar(
        sa.select(BillingRun.id)
        .where(
            BillingRun.community_id == run.community_id, BillingRun.period < run.period, BillingRun.state == "published"
        )
        .order_by(BillingRun.period.desc())
        .limit(1)
    )
    if last is None:
        return []
    # An item may stand on several bills of a home: shares, and a month in which the agreement changed.
    this = _sums(Bill.run_id == run.id, Bill.state == _state_in(run))
    before = _sums(Bill.run_id == last, Bill.reverses.is_(None))
    rows = session.execute(
        sa.select(Home, FeeItem.name, this.c.fen, before.c.fen)
        .join(before, sa.and_(before.c.home_id == this.c.home_id, before.c.item_id == this.c.item_id))
        .join(Home, Home.id == this.c.home_id)
        .join(FeeItem, FeeItem.id == this.c.item_id)
        .where(this.c.fen != before.c.fen)
        .order_by(sa.func.abs(this.c.fen - before.c.fen).desc(), this.c.first)
        .limit(limit)
    )
    return [Changed(home, item, int(fen), int(was)) for home, item, fen, was in rows]


def _sums(*conditions: sa.ColumnElement[bool]) -> sa.Subquery:
    """What a run comes to for each home and item."""
    return (
        sa.select(
            Bill.home_id, Bill.item_id, sa.func.sum(Bill.amount).label("fen"), sa.func.min(Bill.id).label("first")
        )
        .where(*conditions)
        .group_by(Bill.home_id, Bill.item_id)
        .subquery()
    )
