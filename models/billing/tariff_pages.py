"""A compound's tariffs with their prices, for whoever reads them through."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.tables import BillingRun, Charge, FeeItem, Tariff, TariffPrice


@dataclass(frozen=True)
class Told:
    """A tariff, its item, every price it ever had (the oldest first), and how many homes pay by it."""

    tariff: Tariff
    item: FeeItem
    prices: Sequence[TariffPrice]
    homes: int


def tariffs_told(session: Session, community_id: int) -> list[Told]:
    """Those in force first; three statements however many there are."""
    rows = session.execute(
        sa.select(Tariff, FeeItem)
        .join(FeeItem, FeeItem.id == Tariff.item_id)
        .where(Tariff.community_id == community_id)
        .order_by(Tariff.until_day.is_not(None), FeeItem.id, Tariff.from_day.desc())
    ).all()
    numbers = [tariff.id for tariff, _ in rows]
    prices: dict[int, list[TariffPrice]] = {}
    for price in session.scalars(
        sa.select(TariffPrice).where(TariffPrice.tariff_id.in_(numbers)).order_by(TariffPrice.valid_from)
    ):
        prices.setdefault(price.tariff_id, []).append(price)
    counts = session.execute(
        sa.select(Charge.tariff_id, sa.func.count()).where(Charge.tariff_id.in_(numbers)).group_by(Charge.tariff_id)
    )
    homes = {number: count for number, count in counts}
    return [Told(tariff, item, prices.get(tariff.id, []), homes.get(tariff.id, 0)) for tariff, item in rows]


def drafts_from(session: Session, community_id: int, period: str) -> Sequence[str]:
    """The months from `period` on whose bills were worked out and not given out yet."""
    return session.scalars(
        sa.select(BillingRun.period)
        .where(BillingRun.community_id == community_id, BillingRun.period >= period, BillingRun.state != "published")
        .order_by(BillingRun.period)
    ).all()
