"""Bills of an item that no run has made (期初欠费 from a ledger, and what became of them): a run does not charge for those days again."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.cycles import Cycle
from models.billing.tables import Bill, Tariff

ELSEWHERE = "这段时间已经登记了别的账单"


def billed_elsewhere(session: Session, tariff: Tariff, cycle: Cycle) -> frozenset[int]:
    """Homes that owe the tariff's item for a day of this period by no run."""
    found = session.scalars(
        sa.select(Bill.home_id).where(
            Bill.community_id == tariff.community_id, Bill.period >= f"{cycle.start:%Y-%m}",
            Bill.item_id == tariff.item_id, Bill.state == "posted", Bill.amount > 0,
            Bill.run_id.is_(None), Bill.tariff_id.is_(None), Bill.start <= cycle.end, Bill.end >= cycle.start,
        )
    )  # fmt: skip
    return frozenset(found)
