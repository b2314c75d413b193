"""What came in, what is still out, and how good that is. Every question takes the homes or compounds it may look into."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.collection import Takings
from models.billing.cycles import months_later
from models.billing.tables import Bill
from models.db import SHANGHAI
from models.estate.tables import Community, Home
from models.payments.tables import Payment, Receipt, Settlement

_OWED = sa.and_(Bill.state == "posted", Bill.late_for.is_(None))


def payments_of(session: Session, home_ids: Collection[int], *, limit: int = 6) -> Sequence[tuple[Payment, Receipt]]:
    """The newest payments of these homes with their receipts."""
    rows = session.execute(
        sa.select(Payment, Receipt)
        .join(Receipt, sa.and_(Receipt.payment_id == Payment.id, Receipt.voided_at.is_(None)))
        .where(Payment.home_id.in_(home_ids), Payment.former_id.is_(None))
        .order_by(Payment.at.desc(), Payment.id.desc())
        .limit(limit)
    )
    return [(payment, receipt) for payment, receipt in rows]


def receipt_of(session: Session, payment_id: int) -> Receipt | None:
    """The valid receipt of a payment."""
    return session.scalars(
        sa.select(Receipt).where(Receipt.payment_id == payment_id, Receipt.voided_at.is_(None))
    ).first()


def payment_with_receipt(
    session: Session, company_id: int, number: int, *, community_ids: Collection[int] | None
) -> Payment | None:
    """The payment of a valid receipt by its printed number, in the compounds one may look into (None: the company's)."""
    query = (
        sa.select(Payment)
        .join(Receipt, Receipt.payment_id == Payment.id)
        .where(
            Receipt.company_id == company_id,
            Receipt.kind == "payment",
            Receipt.number == number,
            Receipt.voided_at.is_(None),
        )
    )
    if community_ids is not None:
        query = query.where(Payment.community_id.in_(community_ids))
    return session.scalars(query).first()


def takings_of(session: Session, community_ids: Collection[int], period: str) -> Takings:
    """The sums the rates are made of, up to now (domain rules 1.13). Late fees and what is only held do not count."""
    first = date.fromisoformat(f"{period}-01")
    begun = datetime.combine(first, time(), SHANGHAI)
    ended = datetime.combine(months_later(first, 1), time(), SHANGHAI)
    ours = sa.and_(_OWED, Bill.community_id.in_(community_ids))
    due, received, billed = session.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(Bill.amount), 0),
            sa.func.coalesce(sa.func.sum(Bill.paid), 0),
            sa.func.count(sa.distinct(Bill.home_id)),
        ).where(ours, Bill.period == period)
    ).one()
    owing = session.scalar(
        sa.select(sa.func.count(sa.distinct(Bill.home_id))).where(ours, Bill.period == period, Bill.paid < Bill.amount)
    )
    earlier = sa.and_(ours, Bill.period < period)
    left = session.scalar(sa.select(sa.func.coalesce(sa.func.sum(Bill.amount - Bill.paid), 0)).where(earlier)) or 0
    since = _settled_since(session, earlier, begun, None)
    cleared = _settled_since(session, earlier, begun, ended)
    return Takings(
        due=int(due),
        received=int(received),
        arrears=int(left) + since,
        cleared=cleared,
        homes_billed=int(billed),
        homes_clear=int(billed) - int(owing or 0),
    )


def takings_at(session: Session, community_ids: Collection[int], period: str, day: date) -> Takings:
    """What was due for a month and had come in for it by the end of a day: to set one month beside another."""
    ended = datetime.combine(date.fromordinal(day.toordinal() + 1), time(), SHANGHAI)
    bills = sa.and_(_OWED, Bill.community_id.in_(community_ids), Bill.period == period)
    due = session.scalar(sa.select(sa.func.coalesce(sa.func.sum(Bill.amount), 0)).where(bills)) or 0
    received = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Settlement.fen), 0))
        .join(Bill, Bill.id == Settlement.bill_id)
        .where(bills, Settlement.at < ended)
    )
    return Takings(int(due), int(received or 0), 0, 0)


def _settled_since(session: Session, bills: sa.ColumnElement[bool], since: datetime, until: datetime | None) -> int:
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(Settlement.fen), 0))
        .join(Bill, Bill.id == Settlement.bill_id)
        .where(bills, Settlement.at >= since)
    )
    if until is not None:
        query = query.where(Settlement.at < until)
    return int(session.scalar(query) or 0)


@dataclass(frozen=True)
class Debtor:
    """A home that is late: `fen` in so many months, the oldest due on `since`."""

    home: Home
    community: str
    fen: int
    months: int
    since: date
    former: int = 0  # owed by whoever owned it before: the number of that ownership

    @property
    def place(self) -> tuple[int, int, int]:
        """Where it stands in the list."""
        return self.fen, self.home.id, self.former


def overdue(
    session: Session,
    community_ids: Collection[int],
    today: date,
    *,
    after: tuple[int, int, int] | None = None,
    limit: int = 10,
) -> list[Debtor]:
    """The homes that owe most of what is past its due day. `after`: `place` of the last one of the page before."""
    fen, former = sa.func.sum(Bill.amount - Bill.paid), sa.func.coalesce(Bill.former_id, sa.literal_column("0"))
    query = (
        sa.select(Home, Community.name, fen, sa.func.count(sa.distinct(Bill.period)), sa.func.min(Bill.due_on), former)
        .join(Home, Home.id == Bill.home_id)
        .join(Community, Community.id == Home.community_id)
        .where(*_late(community_ids, today))
        .group_by(Home.id, Community.name, former)
        .order_by(fen.desc(), Home.id, former)
        .limit(limit)
    )
    if after is not None:
        least, home, whose = after
        later = sa.or_(Home.id > home, sa.and_(Home.id == home, former > whose))
        query = query.having(sa.or_(fen < least, sa.and_(fen == least, later)))
    return [
        Debtor(home, name, int(open_fen), months, since, whose)
        for home, name, open_fen, months, since, whose in session.execute(query)
    ]


def overdue_in_all(session: Session, community_ids: Collection[int], today: date) -> tuple[int, int]:
    """(homes, fen) past the due day."""
    homes, fen = session.execute(
        sa.select(
            sa.func.count(sa.distinct(Bill.home_id)), sa.func.coalesce(sa.func.sum(Bill.amount - Bill.paid), 0)
        ).where(*_late(community_ids, today))
    ).one()
    return int(homes), int(fen)


def taken_on(session: Session, community_ids: Collection[int], day: date) -> list[tuple[str, int, int]]:
    """日清: (channel, payments, fen) of one day."""
    begun = datetime.combine(day, time(), SHANGHAI)
    ended = datetime.combine(date.fromordinal(day.toordinal() + 1), time(), SHANGHAI)
    rows = session.execute(
        sa.select(Payment.channel, sa.func.count(), sa.func.sum(Payment.fen))
        .where(Payment.community_id.in_(community_ids), Payment.at >= begun, Payment.at < ended)
        .group_by(Payment.channel)
        .order_by(Payment.channel)
    )
    return [(channel, count, int(fen)) for channel, count, fen in rows]


def _late(community_ids: Collection[int], today: date) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Bill.community_id.in_(community_ids),
        Bill.state == "posted",
        Bill.paid < Bill.amount,
        Bill.due_on < today,
    )
