"""The proof sheet of a pool: everything a neighbour needs to work out every share again, and nobody's name."""

from collections.abc import Collection
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.share_tables import Pool, PoolShare
from models.billing.shares import BASES, FORMAT
from models.estate.tables import Community, Home, home_key, home_label


def pool_with_code(
    session: Session, code: str, *, community_ids: Collection[int] | None, company_id: int
) -> Pool | None:
    """The pool of this code within a company, and within some compounds (None: all of them)."""
    query = (
        sa.select(Pool)
        .join(Community, Community.id == Pool.community_id)
        .where(Pool.code == code, Pool.state != "dropped", Community.company_id == company_id)
    )
    if community_ids is not None:
        query = query.where(Pool.community_id.in_(community_ids))
    return session.scalar(query)


def sheet_of(session: Session, pool: Pool) -> dict[str, Any]:
    """As it is shown and as it goes into a file (FORMAT): plain values, amounts in fen, fractions exact as text."""
    rows = session.execute(
        sa.select(PoolShare, Home.building, Home.entrance, Home.room)
        .join(Home, Home.id == PoolShare.home_id)
        .where(PoolShare.pool_id == pool.id)
        .order_by(PoolShare.place)
    ).all()
    whys = pool.facts["whys"]
    homes = [
        {
            "place": share.place, "home": home_key(building, entrance, room), "weight": share.weight,
            "why": whys.get(str(share.home_id), ""), "exact": share.exact, "extra": share.extra, "fen": share.fen,
        }
        for share, building, entrance, room in rows
    ]  # fmt: skip
    community = session.get_one(Community, pool.community_id)
    return {
        "format": FORMAT, "community": community.name, "period": pool.period, "name": pool.name, "document": pool.document,
        "amount": pool.amount, "excluded": pool.excluded, "excluded_why": pool.excluded_why,
        "total": pool.amount - pool.excluded, "base": pool.base, "by": by_words(pool), "scope": scope_words(pool),
        "unit": pool.facts["unit"], "whole": pool.facts["whole"], "meters": pool.facts["meters"],
        "warnings": pool.facts["warnings"], "floors": pool.facts["floors"], "homes": homes,
    }  # fmt: skip


def by_words(pool: Pool) -> str:
    if pool.base == "mixed":
        return f"{pool.area_part}%按面积分，其余按户平均分"
    return BASES[pool.base]


def scope_words(pool: Pool) -> str:
    if pool.facts.get("list"):
        return "指定的住户"
    return home_label(pool.building, pool.entrance, "") or "全小区"


def paying(sheet: dict[str, Any]) -> int:
    return sum(bool(Fraction(home["weight"])) for home in sheet["homes"])
