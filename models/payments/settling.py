"""What of a payment goes to which bill: noted on the bill itself, never beyond what it asks for, and as a row of its own."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from models.billing.tables import Bill
from models.db import insert_few, plain
from models.errors import AlreadyDone
from models.payments.tables import Settlement

_AT_ONCE = 20  # bills in one statement


def settle(session: Session, bill: Bill, fen: int, payment_id: int | None, *, now: datetime) -> None:
    """Note that `fen` of a bill were paid, never more than is open. Raises AlreadyDone when somebody was first."""
    settle_each(session, [(bill, fen)], payment_id, now=now)


def settle_each(session: Session, parts: Sequence[tuple[Bill, int]], payment_id: int | None, *, now: datetime) -> None:
    """The same for several bills, in two statements. Raises AlreadyDone when somebody was first at one of them."""
    for at in range(0, len(parts), _AT_ONCE):
        some = parts[at : at + _AT_ONCE]
        _pay(session, some)
        rows = [{"bill_id": bill.id, "payment_id": payment_id, "fen": fen, "at": now} for bill, fen in some]
        insert_few(session, Settlement, rows)


def _pay(session: Session, parts: Sequence[tuple[Bill, int]]) -> None:
    values: dict[str, int] = {}
    for place, (bill, fen) in enumerate(parts):
        values |= {f"bill{place}": bill.id, f"fen{place}": fen}
    paid = {number: after for number, after in session.execute(_paying(len(parts)), values)}
    if len(paid) != len(parts):
        raise AlreadyDone("这笔账单刚刚已经有人交了。")
    for bill, _ in parts:
        set_committed_value(bill, "paid", paid[bill.id])


@cache
def _paying(bills: int) -> sa.Update:
    """So many bills, each with its own fen: none gets more than it asks for."""
    columns = plain(Bill).c
    numbers = [sa.bindparam(f"bill{place}", type_=columns.id.type) for place in range(bills)]
    amounts = [sa.bindparam(f"fen{place}", type_=columns.paid.type) for place in range(bills)]
    fen = sa.case(*((columns.id == number, amount) for number, amount in zip(numbers, amounts, strict=True)))
    return (
        sa.update(plain(Bill))
        .where(columns.id.in_(numbers), columns.state == "posted", columns.paid + fen <= columns.amount)
        .values(paid=columns.paid + fen)
        .returning(columns.id, columns.paid)
    )
