"""A home's money as the office reads it: what came in with its receipts, and what is held, page by page."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.tables import Bill
from models.payments.tables import Payment, PurseEntry, Receipt
from models.people.ownership import Ownership

ALL = 2**62  # before it comes everything


def payments_before(
    session: Session, home_id: int, *, before: int = ALL, limit: int
) -> Sequence[tuple[Payment, Receipt | None]]:
    """The newest payments with the receipt that is valid; none is when all of the money was given back."""
    rows = session.execute(
        sa.select(Payment, Receipt)
        .outerjoin(Receipt, sa.and_(Receipt.payment_id == Payment.id, Receipt.voided_at.is_(None)))
        .where(Payment.home_id == home_id, Payment.id < before)
        .order_by(Payment.id.desc())
        .limit(limit)
    )
    return [(payment, receipt) for payment, receipt in rows]


def formers_owing(session: Session, home_id: int) -> Sequence[tuple[Ownership, int]]:
    """Who owned a home before and still owes something, with how much (late fees that run up apart)."""
    rows = session.execute(
        sa.select(Ownership, sa.func.sum(Bill.amount - Bill.paid))
        .join(Bill, sa.and_(Bill.former_id == Ownership.id, Bill.home_id == Ownership.home_id))
        .where(Ownership.home_id == home_id, Bill.state == "posted", Bill.amount > Bill.paid)
        .group_by(Ownership.id)
        .order_by(Ownership.id.desc())
    )
    return [(ownership, int(fen)) for ownership, fen in rows]


def former_owner(session: Session, home_id: int, number: int) -> Ownership | None:
    """Who owned this home before, by the number of the ownership."""
    return session.scalars(
        sa.select(Ownership).where(
            Ownership.id == number, Ownership.home_id == home_id, Ownership.until_day.is_not(None)
        )
    ).first()


def held_before(session: Session, home_id: int, *, before: int = ALL, limit: int) -> Sequence[PurseEntry]:
    """What went into the purse and out of it, the newest first."""
    return session.scalars(
        sa.select(PurseEntry)
        .where(PurseEntry.home_id == home_id, PurseEntry.id < before)
        .order_by(PurseEntry.id.desc())
        .limit(limit)
    ).all()


def receipts_before(
    session: Session, company_id: int, community_ids: Sequence[int], *, before: int = ALL, limit: int
) -> Sequence[tuple[Receipt, Payment]]:
    """The newest receipts of these compounds, void ones too: their numbers stay in the book."""
    rows = session.execute(
        sa.select(Receipt, Payment)
        .join(Payment, Payment.id == Receipt.payment_id)
        .where(
            Receipt.company_id == company_id,
            Receipt.kind == "payment",
            Receipt.number < before,
            Payment.community_id.in_(community_ids),
        )
        .order_by(Receipt.number.desc())
        .limit(limit)
    )
    return [(receipt, payment) for receipt, payment in rows]
