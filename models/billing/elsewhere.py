"""Bills of an item that no run has made (期初欠费 from a ledger, and what became of them): a run does not charge for those days again."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.tables import Bill, Tariff

ELSEWHERE = "这段时间已经登记了别的账单"


def billed_elsewhere(session: Session, tariff: Tariff, start: date, end: date) -> frozenset[int]:
    """Homes that owe the tariff's item for one of these days by no run.

    Asked anew with every slice of a draft: a ledger may be brought between two of them, and it holds months while the draft holds
    quarters. Whoever asks waits for ledgers that are just being brought first (`wait_for_other_ledgers`).
    """
    found = session.scalars(
        sa.select(Bill.home_id).where(
            Bill.community_id == tariff.community_id, Bill.period >= f"{start:%Y-%m}",
            Bill.item_id == tariff.item_id, Bill.state == "posted", Bill.amount > 0,
            Bill.run_id.is_(None), Bill.tariff_id.is_(None), Bill.start <= end, Bill.end >= start,
        )
    )  # fmt: skip
    return frozenset(found)
