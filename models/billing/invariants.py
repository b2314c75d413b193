"""What must hold of meters and shares whatever happened, recomputed from the raw rows: one sentence for each place where it does not."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.allocation import CannotAllocate, allocate
from models.billing.meter_tables import BilledUse, Reading
from models.billing.share_tables import Pool, PoolShare
from models.billing.tables import Bill


def violations(session: Session) -> Iterator[str]:
    yield from _readings(session)
    yield from _billed(session)
    yield from _shares(session)
    yield from _shared_bills(session)


def _readings(session: Session) -> Iterator[str]:
    """Readings are only added: the numbers of a day have no gap."""
    rows = session.execute(
        sa.select(Reading.meter_id, Reading.on, sa.func.count(), sa.func.max(Reading.seq))
        .group_by(Reading.meter_id, Reading.on)
        .having(sa.func.count() != sa.func.max(Reading.seq) + 1)
        .order_by(Reading.meter_id, Reading.on)
    )
    for meter, on, count, last in rows:
        yield f"meter {meter}: {count} readings of {on}, the last one is number {last}"


def _billed(session: Session) -> Iterator[str]:
    """Each bill counts a meter from where another ended: nothing is billed twice and nothing is forgotten.

    What a bill that was taken back had counted may be counted anew.
    """
    rows = session.execute(
        sa.select(BilledUse.meter_id, BilledUse.bill_id, BilledUse.since, BilledUse.upto, Bill.state)
        .join(Bill, Bill.id == BilledUse.bill_id)
        .order_by(BilledUse.meter_id, BilledUse.upto_on, BilledUse.bill_id)
        .execution_options(yield_per=2000)
    )
    for meter, uses in groupby(rows, key=itemgetter(0)):
        ends: set[int] = set()
        begun: set[tuple[int, int]] = set()
        for _, bill, since, upto, state in uses:
            if ends and since not in ends:
                yield f"meter {meter}: bill {bill} counts from {since}, where no bill before it ended"
            ends |= {upto, since} if state == "reversed" else {upto}
            if state != "reversed" and (since, upto) in begun and since != upto:
                yield f"meter {meter}: bill {bill} counts again what was counted from {since}"
            begun |= set() if state == "reversed" else {(since, upto)}


def _shares(session: Session) -> Iterator[str]:
    """A pool's shares are what its weights say, to the last fen."""
    rows = session.execute(
        sa.select(Pool.id, Pool.amount - Pool.excluded, PoolShare.weight, PoolShare.fen)
        .outerjoin(PoolShare, PoolShare.pool_id == Pool.id)
        .where(Pool.state != "dropped")
        .order_by(Pool.id, PoolShare.place)
        .execution_options(yield_per=2000)
    )
    for (pool, total), lines in groupby(rows, key=itemgetter(0, 1)):
        found = [(weight, fen) for _, _, weight, fen in lines if weight is not None]
        given = sum(fen for _, fen in found)
        try:
            right = [share.fen for share in allocate(total, [Fraction(weight) for weight, _ in found])]
        except CannotAllocate:
            right = []
        if given != total:
            yield f"pool {pool}: {total} fen are to be shared, {given} are"
        elif right != [fen for _, fen in found]:
            yield f"pool {pool}: its shares are not what its weights say"


def _shared_bills(session: Session) -> Iterator[str]:
    """What a pool put into a run is what its shares say, home by home."""
    bills = sa.and_(
        Bill.run_id == Pool.run_id,
        Bill.home_id == PoolShare.home_id,
        Bill.seq == Pool.id * 1000,
        Bill.item_id == Pool.item_id,
    )
    rows = session.execute(
        sa.select(Pool.id, PoolShare.home_id, PoolShare.fen, sa.func.coalesce(Bill.amount, 0))
        .join(PoolShare, PoolShare.pool_id == Pool.id)
        .outerjoin(Bill, bills)
        .where(Pool.state == "billed", PoolShare.fen != sa.func.coalesce(Bill.amount, 0))
        .order_by(Pool.id, PoolShare.place)
    )
    for pool, home, fen, billed in rows:
        yield f"pool {pool}: home {home} bears {fen} fen and was billed {billed}"
