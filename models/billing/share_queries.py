"""What a home bears of common costs."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.share_tables import Pool, PoolShare


@dataclass(frozen=True)
class HomeShare:
    """One share. Amounts in fen; `homes`: how many pay anything."""

    name: str
    period: str
    code: str
    fen: int
    total: int
    homes: int


def newest_shares(session: Session, home_id: int) -> list[HomeShare]:
    """The shares of the last month this home had any in."""
    mine = (
        sa.select(Pool.period)
        .join(PoolShare, PoolShare.pool_id == Pool.id)
        .where(PoolShare.home_id == home_id, Pool.state != "dropped")
        .order_by(Pool.period.desc())
        .limit(1)
        .scalar_subquery()
    )
    paying = (
        sa.select(sa.func.count())
        .where(PoolShare.pool_id == Pool.id, PoolShare.fen != 0)
        .correlate(Pool)
        .scalar_subquery()
    )
    one = sa.orm.aliased(PoolShare)
    rows = session.execute(
        sa.select(Pool, one.fen, paying)
        .join(one, one.pool_id == Pool.id)
        .where(one.home_id == home_id, Pool.state != "dropped", Pool.period == mine)
        .order_by(Pool.id)
    )
    return [
        HomeShare(pool.name, pool.period, pool.code, fen, pool.amount - pool.excluded, int(homes))
        for pool, fen, homes in rows
    ]
