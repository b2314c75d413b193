"""Bills of an item that no run has made (期初欠费 from a ledger, and what became of them): a run does not charge for those days again."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.tables import Bill, Tariff
from models.db import plain

ELSEWHERE = "这段时间已经登记了别的账单"


def _by_no_run() -> sa.Select[int]:
    bill, asked = plain(Bill).c, sa.bindparam
    return sa.select(bill.home_id).where(
        bill.community_id == asked("community", type_=sa.BigInteger), bill.period >= asked("since", type_=sa.String),
        bill.item_id == asked("item", type_=sa.BigInteger), bill.state == "posted", bill.amount > 0,
        bill.run_id.is_(None), bill.tariff_id.is_(None),
        bill.start <= asked("end", type_=sa.Date), bill.end >= asked("start", type_=sa.Date),
    )  # fmt: skip


_BY_NO_RUN = _by_no_run()


def billed_elsewhere(session: Session, tariff: Tariff, start: date, end: date) -> frozenset[int]:
    """Homes that owe the tariff's item for one of these days by no run.

    Asked anew with every slice of a draft: a ledger may be brought between two of them, and it holds months while the draft holds
    quarters. Whoever asks waits for ledgers that are just being brought first (`wait_for_other_ledgers`).
    """
    days = {"start": start, "end": end, "since": f"{start:%Y-%m}"}
    asked = {"community": tariff.community_id, "item": tariff.item_id, **days}
    return frozenset(session.scalars(_BY_NO_RUN, asked))
