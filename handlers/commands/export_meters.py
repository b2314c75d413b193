"""Meter readings and shares of common costs as tables: what a clerk, an owners' committee or another program works on."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from models.billing.figures import counted, units
from models.billing.meter_tables import Meter, Reading
from models.billing.metered import KIND_NAMES
from models.billing.share_tables import Pool, PoolShare
from models.billing.shares import BASES
from models.estate.tables import Community, Home, home_key

Row = tuple[Any, ...]

READING_COLUMNS = (
    "community", "home", "kind", "name", "number", "ratio", "on", "correction", "reading", "rolled", "old_end", "new_start",
    "estimated", "taken_back", "source", "note",
)  # fmt: skip
READINGS = (
    sa.select(Reading, Meter, Community.name.label("community"))
    .join(Meter, Meter.id == Reading.meter_id)
    .join(Community, Community.id == Meter.community_id)
    .order_by(Reading.id)
)

SHARE_COLUMNS = (
    "community",
    "period",
    "cost",
    "document",
    "by",
    "total_fen",
    "home",
    "weight",
    "exact_fen",
    "extra_fen",
    "fen",
    "code",
)
SHARES = (
    sa.select(PoolShare, Pool, Community.name.label("community"), Home.building, Home.entrance, Home.room)
    .join(Pool, Pool.id == PoolShare.pool_id)
    .join(Community, Community.id == Pool.community_id)
    .join(Home, Home.id == PoolShare.home_id)
    .where(Pool.state != "dropped")
    .order_by(PoolShare.pool_id, PoolShare.place)
)


def reading(row: Any) -> Row:
    one, meter = row.Reading, row.Meter
    home = (
        home_key(meter.building, meter.entrance, meter.room) if meter.home_id is not None else f"{meter.building}总表"
    )
    return (
        row.community, home, KIND_NAMES[meter.kind], meter.name, meter.number, meter.ratio, one.on, one.seq,
        _units(one.value), one.rolled, _units(one.old_end), _units(one.new_start), one.estimated, one.void, one.source,
        one.note,
    )  # fmt: skip


def share(row: Any) -> Row:
    pool, one = row.Pool, row.PoolShare
    return (
        row.community, pool.period, pool.name, pool.document, BASES[pool.base], pool.amount - pool.excluded,
        home_key(row.building, row.entrance, row.room), one.weight, one.exact, one.extra, one.fen, pool.code,
    )  # fmt: skip


def _units(parts: int | None) -> Decimal | None:
    return None if parts is None else Decimal(counted(units(parts)))
