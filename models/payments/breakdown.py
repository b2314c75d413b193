"""收缴率 taken apart: by item, by building, by age and by channel. Each adds up to the whole it is a part of (domain rules 5.4)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.collection import AGES, age_of
from models.billing.cycles import months_later
from models.billing.tables import Bill, FeeItem
from models.db import SHANGHAI
from models.estate.tables import Home
from models.payments.tables import Payment, Receipt, Refund, Settlement

_OWED = sa.and_(Bill.state == "posted", Bill.late_for.is_(None))


@dataclass(frozen=True)
class Part:
    """One item or building: fen due for the month and received for it."""

    name: str
    due: int
    received: int


def by_item(session: Session, community_ids: Collection[int], period: str) -> list[Part]:
    rows = session.execute(
        sa.select(FeeItem.name, sa.func.sum(Bill.amount), sa.func.sum(Bill.paid))
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .where(_OWED, Bill.community_id.in_(community_ids), Bill.period == period)
        .group_by(FeeItem.name)
        .order_by(sa.func.sum(Bill.amount).desc(), FeeItem.name)
    )
    return [Part(name, int(due), int(received)) for name, due, received in rows]


def by_building(session: Session, community_ids: Collection[int], period: str) -> list[Part]:
    """3栋, 12栋 in the order of their numbers; what belongs to no building is 其他."""
    rows = session.execute(
        sa.select(Home.building, sa.func.sum(Bill.amount), sa.func.sum(Bill.paid))
        .join(Home, Home.id == Bill.home_id)
        .where(_OWED, Bill.community_id.in_(community_ids), Bill.period == period)
        .group_by(Home.building)
    ).all()
    ordered = sorted(rows, key=lambda row: (not row[0].isdecimal(), int(row[0]) if row[0].isdecimal() else 0, row[0]))
    return [Part(f"{name}栋" if name else "其他", int(due), int(received)) for name, due, received in ordered]


def ageing(session: Session, community_ids: Collection[int], today: date) -> dict[str, int]:
    """What is still open of bills of earlier months and of this one, by how long ago it was due. Sums to everything open."""
    rows = session.execute(
        sa.select(Bill.due_on, sa.func.sum(Bill.amount - Bill.paid))
        .where(_OWED, Bill.community_id.in_(community_ids), Bill.paid < Bill.amount)
        .group_by(Bill.due_on)
    )
    found = dict.fromkeys(AGES, 0)
    for due, fen in rows:
        found[age_of(due, today)] += int(fen)
    return found


def by_channel(session: Session, community_ids: Collection[int], period: str) -> dict[str, int]:
    """What the money of a month was put to, by the channel it came in through; "held": paid out of what was held. Late fees apart."""
    first = date.fromisoformat(f"{period}-01")
    begun = datetime.combine(first, time(), SHANGHAI)
    ended = datetime.combine(months_later(first, 1), time(), SHANGHAI)
    channel = sa.func.coalesce(Payment.channel, "held")
    rows = session.execute(
        sa.select(channel, sa.func.sum(Settlement.fen))
        .join(Bill, Bill.id == Settlement.bill_id)
        .outerjoin(Payment, Payment.id == Settlement.payment_id)
        .where(_OWED, Bill.community_id.in_(community_ids), Settlement.at >= begun, Settlement.at < ended)
        .group_by(channel)
        .order_by(channel)
    )
    return {name: int(fen) for name, fen in rows}


@dataclass(frozen=True)
class DayClosing:
    """日清 of one day. `channels`: (channel, payments, fen). Receipts must come to the same; `refunded` went out again."""

    channels: tuple[tuple[str, int, int], ...]
    receipts: int
    receipt_fen: int
    numbers: tuple[int, int] | None
    refunded: int

    @property
    def fen(self) -> int:
        return sum(fen for _, _, fen in self.channels)

    @property
    def ties(self) -> bool:
        return self.fen == self.receipt_fen and self.receipts == sum(count for _, count, _ in self.channels)


def close_day(session: Session, community_ids: Collection[int], day: date) -> DayClosing:
    begun = datetime.combine(day, time(), SHANGHAI)
    ended = datetime.combine(date.fromordinal(day.toordinal() + 1), time(), SHANGHAI)
    that_day = sa.and_(Payment.community_id.in_(community_ids), Payment.at >= begun, Payment.at < ended)
    channels = session.execute(
        sa.select(Payment.channel, sa.func.count(), sa.func.sum(Payment.fen))
        .where(that_day)
        .group_by(Payment.channel)
        .order_by(Payment.channel)
    )
    count, fen, first, last = session.execute(
        sa.select(
            sa.func.count(), sa.func.coalesce(sa.func.sum(Payment.fen), 0),
            sa.func.min(sa.case((Receipt.kind == "payment", Receipt.number))),
            sa.func.max(sa.case((Receipt.kind == "payment", Receipt.number))),
        )
        .select_from(Receipt)
        .join(Payment, Payment.id == Receipt.payment_id)
        .where(that_day, Receipt.voided_at.is_(None))
    ).one()  # fmt: skip
    refunded = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Refund.fen), 0))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.community_id.in_(community_ids), Refund.at >= begun, Refund.at < ended)
    )
    taken = tuple((channel, number, int(amount)) for channel, number, amount in channels)
    numbers = (first, last) if first is not None else None
    return DayClosing(taken, count, int(fen), numbers, int(refunded or 0))
