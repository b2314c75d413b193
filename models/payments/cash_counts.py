"""日清: what lies in the drawer beside what the books say came in; what is too much or too little becomes a difference."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.db import SHANGHAI, insert_or_ignore
from models.errors import Refusal
from models.estate.tables import Community
from models.payments.reconcile_tables import CashCount, Difference
from models.payments.reconciling import RIGHT_NOW
from models.payments.tables import Payment, Refund

COUNTED = ("cash", "pos", "transfer")  # what WeChat took has a statement of its own


@dataclass(frozen=True)
class Counted:
    """`booked` is what the books say; `over` is positive for 长款 and negative for 短款. All fen."""

    booked: int
    over: int
    difference_id: int | None


def booked(session: Session, communities: Collection[int], channel: str, day: date) -> int:
    """What came in by a channel that day, less what was given back by it that day."""
    begun = datetime.combine(day, time(), SHANGHAI)
    ended = begun + timedelta(days=1)
    ours = (Payment.community_id.in_(communities), Payment.channel == channel)
    came = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Payment.fen), 0)).where(*ours, Payment.at >= begun, Payment.at < ended)
    )
    went = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Refund.fen), 0))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(*ours, Refund.at >= begun, Refund.at < ended)
    )
    return int(came or 0) - int(went or 0)


def count(
    session: Session, community: Community, channel: str, fen: int, *, day: date, by: str, now: datetime
) -> Counted:
    """Write down what was counted; counted again, the newest count holds. Raises Refusal for what is not counted."""
    if channel not in COUNTED:
        raise Refusal("日清只点现金、刷卡和转账；微信的第二天自动对账。")
    if fen < 0:
        raise Refusal("点出来的钱不能小于0。")
    session.get_one(Community, community.id, with_for_update=True)  # two who count at once come one after the other
    expected = booked(session, [community.id], channel, day)
    session.add(
        CashCount(community_id=community.id, day=day, channel=channel, counted=fen, booked=expected, by=by, at=now)
    )
    record(
        session, at=now, actor=by, action="cash.count", subject=f"community:{community.id}", source="system",
        company_id=community.company_id,
        details={"channel": channel, "day": day.isoformat(), "counted": fen, "booked": expected},
    )  # fmt: skip
    earlier = session.scalars(
        sa.select(Difference).where(
            Difference.company_id == community.company_id,
            Difference.community_id == community.id,
            Difference.day == day,
            Difference.channel == channel,
            Difference.closed_at.is_(None),
        )
    ).all()
    for row in earlier:
        row.closed_at, row.closed_by, row.reason = now, by, RIGHT_NOW if fen == expected else "又点了一次"
    session.flush()
    if fen == expected:
        return Counted(expected, 0, None)
    key = f"{community.id}-{channel}-{now.timestamp():.6f}"
    row_values = {
        "company_id": community.company_id, "community_id": community.id, "day": day, "channel": channel,
        "what": "over" if fen > expected else "short", "number": key, "transaction_id": "", "theirs": fen,
        "ours": expected, "found_at": now, "closed_at": None, "closed_by": "", "reason": "",
    }  # fmt: skip
    insert_or_ignore(session, Difference, row_values)
    number = session.scalar(
        sa.select(Difference.id).where(Difference.company_id == community.company_id, Difference.number == key)
    )
    return Counted(expected, fen - expected, number)


def last_counts(session: Session, communities: Collection[int], day: date) -> dict[tuple[int, str], CashCount]:
    """The newest count of each channel of each compound."""
    rows = session.scalars(
        sa.select(CashCount).where(CashCount.community_id.in_(communities), CashCount.day == day).order_by(CashCount.id)
    )
    return {(row.community_id, row.channel): row for row in rows}
