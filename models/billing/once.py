"""A bill that no monthly run makes: what is owed from before, a repair by the price list, a deposit. Posted at once."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.ledger import Account, Side, post
from models.billing.tables import Bill, FeeItem
from models.errors import Refusal
from models.estate.tables import Home


def bill_once(
    session: Session,
    home: Home,
    item: FeeItem,
    fen: int,
    *,
    start: date,
    end: date,
    due_on: date,
    basis: Mapping[str, Any],
    by: str,
    now: datetime,
    what: str = "bill",
) -> Bill:
    """Post one bill of `fen` for a home; its period is the month of `end`. `basis` is how it was worked out: `in_words`, or a
    formula that models/billing/explain.py knows. `what` is the word for it in the ledger.

    Raises Refusal when there is nothing to pay.
    """
    if fen <= 0:
        raise Refusal("金额要大于0。")
    if item.fund == "deposit":
        raise Refusal("押金不出账单，收的时候说「收押金」。")
    bill = Bill(
        community_id=home.community_id, home_id=home.id, item_id=item.id, tariff_id=None, run_id=None,
        period=f"{end:%Y-%m}", start=start, end=end, seq=_next(session, home, item, start, end),
        amount=fen, paid=0, due_on=due_on, state="posted", basis=dict(basis),
    )  # fmt: skip
    session.add(bill)
    session.flush()
    sides = [Side("receivable", fen, item.id), Side(cast(Account, item.fund), -fen, item.id)]
    post(session, community_id=home.community_id, what=what, document=f"bill:{bill.id}", sides=sides, by=by, now=now)
    return bill


def in_words(*sentences: str) -> dict[str, Any]:
    """The basis of what needs no formula: the sentences that 为什么 answers."""
    return {"formula": "words", "words": [sentence for sentence in sentences if sentence]}


def _next(session: Session, home: Home, item: FeeItem, start: date, end: date) -> int:
    """Several of one kind on one day are told apart by their number."""
    same = sa.select(sa.func.max(Bill.seq)).where(
        Bill.home_id == home.id, Bill.item_id == item.id, Bill.start == start, Bill.end == end
    )
    last = session.scalar(same)
    return 0 if last is None else last + 1
