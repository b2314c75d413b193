"""收据: numbers without a gap, what each says, and voiding one without losing its number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_at_once, insert_or_ignore, plain
from models.errors import AlreadyDone
from models.estate.tables import Company
from models.money import in_capitals, shown
from models.payments.tables import Payment, Receipt, ReceiptBook
from models.people.tables import Staff

CHANNELS = {"wechat": "微信支付", "cash": "现金", "pos": "刷卡", "transfer": "转账", "debit": "银行代扣"}


@dataclass(frozen=True)
class Position:
    """One line of a receipt: 物业费 2026-03-01至2026-03-31, fen."""

    words: str
    fen: int


def issue(
    session: Session,
    payment: Payment,
    home: str,
    positions: Sequence[Position],
    *,
    kind: str = "payment",
    number: int | None = None,
    now: datetime,
) -> Receipt:
    """The receipt of a payment, with the next number of the company's book (or that `number`, of `take_numbers`); deposits have a
    book of their own.

    From here until the commit nobody else gets a number: whatever else is to be written should be written before.
    """
    content = {
        "company": session.get_one(Company, payment.company_id).name,
        "cashier": _cashier(session, payment.by),
        "home": home,
        "payer": payment.payer,
        "channel": CHANNELS[payment.channel],
        "positions": [[position.words, position.fen] for position in positions],
        "fen": payment.fen,
        "shown": shown(payment.fen),
        "capitals": in_capitals(payment.fen),
    }
    if number is None:
        (number,) = take_numbers(session, payment.company_id, kind)
    return _numbered(session, payment.company_id, kind, payment.id, content, number, now)


def _numbered(
    session: Session, company_id: int, kind: str, payment_id: int, content: dict[str, Any], number: int, now: datetime
) -> Receipt:
    receipt = Receipt(company_id=company_id, kind=kind, number=number, payment_id=payment_id, content=content, at=now)
    insert_at_once(session, receipt)
    return receipt


def number_of(receipt: Receipt) -> str:
    """As it is printed: seven digits, those of deposits begin with 押."""
    return f"{'押' if receipt.kind == 'deposit' else ''}{receipt.number:07d}"


def void(session: Session, receipt_id: int, *, reason: str, now: datetime) -> None:
    """It keeps its number and is worth nothing any more. Raises AlreadyDone."""
    voided = session.execute(
        sa.update(Receipt)
        .where(Receipt.id == receipt_id, Receipt.voided_at.is_(None))
        .values(voided_at=now, void_reason=reason[:100])
        .returning(Receipt.id)
        .execution_options(synchronize_session=False)
    ).first()
    if voided is None:
        raise AlreadyDone("这张收据已经作废了。")


def reissue(session: Session, receipt: Receipt, *, reason: str, now: datetime) -> Receipt:
    """Void one and write the same under the next number."""
    void(session, receipt.id, reason=reason, now=now)
    (number,) = take_numbers(session, receipt.company_id, receipt.kind)
    return _numbered(session, receipt.company_id, receipt.kind, receipt.payment_id, receipt.content, number, now)


def with_id(session: Session, receipt_id: int) -> tuple[Receipt, Payment] | None:
    """A receipt, valid or not, and its payment. Who may see it is for the caller to ask."""
    row = session.execute(
        sa.select(Receipt, Payment).join(Payment, Payment.id == Receipt.payment_id).where(Receipt.id == receipt_id)
    ).first()
    return (row[0], row[1]) if row is not None else None


def gaps(session: Session) -> Sequence[str]:
    """A sentence for each book whose numbers are not 1, 2, 3 … up to the last one given out."""
    rows = session.execute(
        sa.select(ReceiptBook.company_id, ReceiptBook.kind, ReceiptBook.next_number, sa.func.count(Receipt.id))
        .outerjoin(Receipt, sa.and_(Receipt.company_id == ReceiptBook.company_id, Receipt.kind == ReceiptBook.kind))
        .group_by(ReceiptBook.company_id, ReceiptBook.kind, ReceiptBook.next_number)
        .having(
            sa.or_(
                sa.func.count(Receipt.id) != ReceiptBook.next_number - 1,
                sa.func.coalesce(sa.func.max(Receipt.number), 0) != ReceiptBook.next_number - 1,
            )
        )
    )
    return [
        f"receipts of company {company}, {kind}: {count} for {after - 1} numbers"
        for company, kind, after, count in rows
    ]


def _cashier(session: Session, by: str) -> str:
    """Who took the money at the counter; "" when no person did."""
    kind, _, number = by.partition(":")
    staff = session.get(Staff, int(number)) if kind == "staff" and number.isdecimal() else None
    return staff.name if staff is not None else ""


def take_numbers(session: Session, company_id: int, kind: str, count: int = 1) -> range:
    """The next numbers of a book, each for a receipt that must be written in this transaction: no number is ever missing.

    From here until the commit nobody else gets one. Several companies' are taken in the order of the companies.
    """
    session.flush()  # what is only in memory yet goes first, too
    which = {"of_company": company_id, "of_kind": kind, "count": count}
    after: int | None = session.scalar(_COUNT_ON, which)
    if after is None:  # the company's first receipt
        insert_or_ignore(session, ReceiptBook, {"company_id": company_id, "kind": kind, "next_number": 1})
        after = session.scalars(_COUNT_ON, which).one()
    return range(after - count, after)


_book = plain(ReceiptBook)
_COUNT_ON = (
    sa.update(_book)
    .where(_book.c.company_id == sa.bindparam("of_company"), _book.c.kind == sa.bindparam("of_kind"))
    .values(next_number=_book.c.next_number + sa.bindparam("count", type_=sa.Integer))
    .returning(_book.c.next_number)
)
