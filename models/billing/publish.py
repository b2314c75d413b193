"""Before and after a run is published: what the clerk looks at, the one step that makes it owed, and taking a mistake back."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.ledger import Account, Side, post
from models.billing.meter_tables import BilledUse
from models.billing.share_tables import Pool
from models.billing.tables import Bill, BillingRun, Charge, FeeItem, SkippedHome, Tariff
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home


@dataclass(frozen=True)
class ItemTotal:
    """One item of a run: homes billed, fen, and the same of the last run that had it (None: there was none)."""

    item_id: int
    name: str
    fund: str
    bills: int
    fen: int
    before: int | None


@dataclass(frozen=True)
class Check:
    """What a clerk looks at before publishing. `skipped`: reason → homes; `uncharged`: homes that pay no such item at all."""

    items: tuple[ItemTotal, ...]
    skipped: dict[str, int]
    uncharged: dict[str, int]

    @property
    def bills(self) -> int:
        return sum(item.bills for item in self.items)

    @property
    def fen(self) -> int:
        return sum(item.fen for item in self.items)


def check(session: Session, run: BillingRun) -> Check:
    """The sums of a run, beside those of the month before, and who is missing."""
    skipped = session.execute(
        sa.select(SkippedHome.reason, sa.func.count()).where(SkippedHome.run_id == run.id).group_by(SkippedHome.reason)
    )
    return Check(
        totals_of(session, run),
        {reason: homes for reason, homes in skipped},
        _uncharged(session, run.community_id),
    )


def totals_of(session: Session, run: BillingRun) -> tuple[ItemTotal, ...]:
    rows = session.execute(
        sa.select(FeeItem.id, FeeItem.name, FeeItem.fund, sa.func.count(), sa.func.sum(Bill.amount))
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .where(Bill.run_id == run.id)
        .group_by(FeeItem.id, FeeItem.name, FeeItem.fund)
        .order_by(FeeItem.id)
    ).all()
    before = _before(session, run)
    return tuple(ItemTotal(id_, name, fund, bills, int(fen), before.get(id_)) for id_, name, fund, bills, fen in rows)


def _before(session: Session, run: BillingRun) -> dict[int, int]:
    last = (
        sa.select(BillingRun.id)
        .where(
            BillingRun.community_id == run.community_id, BillingRun.period < run.period, BillingRun.state == "published"
        )
        .order_by(BillingRun.period.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Bill.item_id, sa.func.sum(Bill.amount)).where(Bill.run_id == last).group_by(Bill.item_id)
    )
    return {item: int(fen) for item, fen in rows}


def _uncharged(session: Session, community_id: int) -> dict[str, int]:
    """Item name → homes of the kind it is meant for that do not pay it: perhaps forgotten when they were added."""
    rows = session.execute(
        sa.select(FeeItem.name, sa.func.count(Home.id))
        .select_from(Tariff)
        .join(FeeItem, FeeItem.id == Tariff.item_id)
        .join(Home, sa.and_(Home.community_id == Tariff.community_id, Home.kind == Tariff.applies_to))
        .outerjoin(Charge, sa.and_(Charge.tariff_id == Tariff.id, Charge.home_id == Home.id))
        .where(Tariff.community_id == community_id, Tariff.until_day.is_(None), Charge.id.is_(None))
        .group_by(FeeItem.name)
    )
    return {name: homes for name, homes in rows}


def make_ready(session: Session, run: BillingRun) -> bool:
    """The draft is whole: a clerk may look at it. False when it was so already."""
    return _move(session, run, "draft", "ready")


def approve(session: Session, run: BillingRun, *, by: str, now: datetime) -> None:
    """A person has looked and agrees; a job publishes it. Raises AlreadyDone, or Refusal while it is still being written."""
    if not _move(session, run, "ready", "approved"):
        session.refresh(run)
        if run.state == "draft":
            raise Refusal(f"{run.period}的账单还在算，算好了会告诉您。")
        raise AlreadyDone(f"{run.period}的账单已经发布了。")
    _note(session, run.community_id, "bills.approve", f"run:{run.id}", {"period": run.period}, by=by, now=now)


def _move(session: Session, run: BillingRun, before: str, after: str) -> bool:
    moved = session.execute(
        sa.update(BillingRun)
        .where(BillingRun.id == run.id, BillingRun.state == before)
        .values(state=after)
        .returning(BillingRun.id)
        .execution_options(synchronize_session=False)
    ).first()
    return moved is not None


def publish(session: Session, run: BillingRun, *, by: str, now: datetime) -> BillingRun:
    """The draft becomes what homes owe, all at once. Raises AlreadyDone the second time, Refusal when there is nothing in it."""
    published = session.execute(
        sa.update(BillingRun)
        .where(BillingRun.id == run.id, BillingRun.state != "published")
        .values(state="published", published_at=now)
        .returning(BillingRun.id)
        .execution_options(synchronize_session=False)
    ).first()
    if published is None:
        raise AlreadyDone(f"{run.period}的账单已经发布过了。")
    items = totals_of(session, run)
    if not items:
        raise Refusal(f"{run.period}没有可以发布的账单。")
    session.execute(
        sa.update(Bill)
        .where(Bill.run_id == run.id, Bill.state == "draft")
        .values(state="posted")
        .execution_options(synchronize_session=False)
    )
    session.refresh(run)
    run.bills, run.total = sum(item.bills for item in items), sum(item.fen for item in items)
    sides = [
        side
        for item in items
        for side in (Side("receivable", item.fen, item.item_id), Side(_fund(item.fund), -item.fen, item.item_id))
    ]
    post(session, community_id=run.community_id, what="bill", document=f"run:{run.id}", sides=sides, by=by, now=now)
    details = {"period": run.period, "bills": run.bills, "fen": run.total}
    _note(session, run.community_id, "bills.publish", f"run:{run.id}", details, by=by, now=now)
    return run


def discard(session: Session, run: BillingRun) -> int:
    """Throw a draft away; returns how many bills that were. Raises AlreadyDone when it was published."""
    drafted = sa.select(Bill.id).where(Bill.run_id == run.id, Bill.state == "draft")
    session.execute(sa.delete(BilledUse).where(BilledUse.bill_id.in_(drafted)))
    session.execute(sa.update(Pool).where(Pool.run_id == run.id).values(state="open", run_id=None))
    gone = session.execute(sa.delete(Bill).where(Bill.run_id == run.id, Bill.state == "draft").returning(Bill.id)).all()
    session.execute(sa.delete(SkippedHome).where(SkippedHome.run_id == run.id))
    ended = session.execute(
        sa.delete(BillingRun).where(BillingRun.id == run.id, BillingRun.state != "published").returning(BillingRun.id)
    ).first()
    if ended is None:
        raise AlreadyDone(f"{run.period}的账单已经发布了，不能整批删掉；错了的请冲红。")
    return len(gone)


def reverse(session: Session, bill: Bill, *, reason: str, by: str, now: datetime) -> Bill:
    """冲红: take a posted bill back by a row of its exact negative, so that it can be billed anew under the next number.

    What was paid on it must have been taken off first. Raises Refusal for that, and for a bill that is not posted.
    """
    taken = session.execute(
        sa.update(Bill)
        .where(Bill.id == bill.id, Bill.state == "posted", Bill.paid == 0, Bill.amount > 0)
        .values(state="reversed")
        .returning(Bill.id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        raise Refusal("这笔账单已经冲红，或者已经收了钱，要先把收款转走才能冲红。")
    fund = session.scalars(sa.select(FeeItem.fund).where(FeeItem.id == bill.item_id)).one()
    session.refresh(bill)
    last = session.scalar(sa.select(sa.func.max(Bill.seq)).where(*same_period(bill))) or 0
    against = Bill(
        community_id=bill.community_id, home_id=bill.home_id, item_id=bill.item_id, tariff_id=bill.tariff_id, run_id=None,
        period=bill.period, start=bill.start, end=bill.end, seq=last + 1, amount=-bill.amount, paid=0, due_on=bill.due_on,
        state="reversed", reverses=bill.id, former_id=bill.former_id, basis=bill.basis,
    )  # fmt: skip
    session.add(against)
    session.flush()
    sides = [Side(_fund(fund), bill.amount, bill.item_id), Side("receivable", -bill.amount, bill.item_id)]
    document = f"bill:{bill.id}"
    post(session, community_id=bill.community_id, what="reversal", document=document, sides=sides, by=by, now=now)
    _note(session, bill.community_id, "bill.reverse", document, {"reason": reason, "fen": bill.amount}, by=by, now=now)
    return against


def same_period(bill: Bill) -> tuple[sa.ColumnElement[bool], ...]:
    """All that was ever billed of a home, item and period, told apart by `seq`."""
    return (
        Bill.home_id == bill.home_id,
        Bill.item_id == bill.item_id,
        Bill.start == bill.start,
        Bill.end == bill.end,
    )


def _fund(fund: str) -> Account:
    return cast(Account, fund)


def _note(
    session: Session,
    community_id: int,
    action: str,
    subject: str,
    details: dict[str, object],
    *,
    by: str,
    now: datetime,
) -> None:
    company_id = session.scalar(sa.select(Community.company_id).where(Community.id == community_id))
    record(
        session,
        at=now,
        actor=by,
        action=action,
        subject=subject,
        source="system",
        company_id=company_id,
        details=details,
    )
