"""违约金 as it has run up on a bill, and the bill it becomes when money comes in for it (domain rules 1.8; off by default)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.handover import paid_before
from models.billing.late_fee import Terms, late_fee, stretches
from models.billing.ledger import Side, post
from models.billing.tables import Bill, Tariff
from models.billing.tariffs import item_of
from models.db import SHANGHAI
from models.estate.tables import Community
from models.payments.tables import Settlement

PER_DAY = 1_000_000  # `Tariff.late_rate` is in millionths a day


def accrued(session: Session, bill: Bill, today: date) -> int:
    """Fen that have run up on a bill and stand on no bill yet. A late fee itself bears none."""
    return accrued_on(session, [bill], today)[bill.id]


def accrued_on(session: Session, bills: Sequence[Bill], today: date) -> dict[int, int]:
    """`accrued` of each of these bills, in three statements however many there are."""
    found = dict.fromkeys((bill.id for bill in bills), 0)
    late = [bill for bill in bills if bill.late_for is None and bill.due_on < today and bill.tariff_id is not None]
    numbers = {bill.tariff_id for bill in late}
    tariffs = session.scalars(sa.select(Tariff).where(Tariff.id.in_(numbers))).all() if numbers else ()
    terms = {tariff.id: _terms_of(tariff) for tariff in tariffs if tariff.late_rate}
    bearing = {bill.id: bill for bill in late if bill.tariff_id in terms}
    if not bearing:
        return found
    paid = paid_on_days(session, list(bearing.values()))
    # What was waived of a late fee was billed all the same: it does not run up again.
    rows = session.execute(
        sa.select(Bill.late_for, sa.func.sum(Bill.amount))
        .where(Bill.late_for.in_(bearing), Bill.state == "posted", Bill.amount > 0)
        .group_by(Bill.late_for)
    )
    billed = {number: int(fen) for number, fen in rows if number is not None}
    for number, bill in bearing.items():
        total = late_fee(bill.amount, bill.due_on, today, terms[bill.tariff_id or 0], paid[number])
        found[number] = max(0, total - billed.get(number, 0))
    return found


def paid_on_days(session: Session, bills: Sequence[Bill]) -> dict[int, list[tuple[date, int]]]:
    """Bill → (day, fen) that were paid of it, waived or taken off again, each on the day on which that really was.

    What had been paid of a bill before the home was sold stands in the books of its part on the day it was moved there; on which
    days it came in the part itself says (models/billing/handover.py).
    """
    days: dict[int, Counter[date]] = {bill.id: Counter(dict(paid_before(bill.basis))) for bill in bills}
    for number, at, fen in session.execute(
        sa.select(Settlement.bill_id, Settlement.at, Settlement.fen).where(Settlement.bill_id.in_(days))
    ):
        days[number][at.astimezone(SHANGHAI).date()] += fen
    return {number: sorted((day, fen) for day, fen in each.items() if fen) for number, each in days.items()}


def bill_late_fee(session: Session, bill: Bill, *, now: datetime) -> Bill:
    """What has run up becomes a posted bill of its own, with how it was counted."""
    today = now.astimezone(SHANGHAI).date()
    fen = accrued(session, bill, today)
    company_id = session.scalars(sa.select(Community.company_id).where(Community.id == bill.community_id)).one()
    item = item_of(session, company_id, "PENALTY")
    number = session.scalar(sa.select(sa.func.count()).select_from(Bill).where(Bill.late_for == bill.id)) or 0
    fee = Bill(
        community_id=bill.community_id, home_id=bill.home_id, item_id=item.id, tariff_id=bill.tariff_id, run_id=None,
        period=f"{today:%Y-%m}", start=bill.due_on, end=today,
        # Several bills of one home may be late alike: their own numbers tell their late fees apart.
        seq=bill.id * 1000 + number,
        amount=fen, paid=0, due_on=today, state="posted", late_for=bill.id, former_id=bill.former_id,
        basis=_basis(session, bill, today),
    )  # fmt: skip
    session.add(fee)
    session.flush()
    sides = [Side("receivable", fen, item.id), Side("income", -fen, item.id)]
    post(
        session,
        community_id=bill.community_id,
        what="late_fee",
        document=f"bill:{fee.id}",
        sides=sides,
        by="system",
        now=now,
    )
    return fee


def _terms(session: Session, bill: Bill) -> Terms:
    if bill.tariff_id is None:
        return Terms(Fraction(0))
    return _terms_of(session.get_one(Tariff, bill.tariff_id))


def _terms_of(tariff: Tariff) -> Terms:
    return Terms(Fraction(tariff.late_rate, PER_DAY), Fraction(tariff.late_cap, 100), tariff.grace_days)


def _billed(session: Session, bill: Bill) -> int:
    # What was waived of a late fee was billed all the same: it does not run up again.
    billed = sa.select(sa.func.sum(Bill.amount)).where(
        Bill.late_for == bill.id, Bill.state == "posted", Bill.amount > 0
    )
    return int(session.scalar(billed) or 0)


def _basis(session: Session, bill: Bill, today: date) -> dict[str, Any]:
    terms = _terms(session, bill)
    counted = stretches(bill.amount, bill.due_on, today, terms, paid_on_days(session, [bill])[bill.id])
    return {
        "formula": "late_fee",
        "rate": str(terms.rate),
        "cap": str(terms.cap),
        "before": _billed(session, bill),
        "stretches": [[stretch.principal, stretch.days] for stretch in counted],
    }
