"""What a cashier does with a receipt that was given out: take it back and write it anew, print it once more."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.errors import AlreadyDone, NotFound, Refusal
from models.payments.deposits import deposit_of
from models.payments.receipts import number_of, reissue, void
from models.payments.tables import Payment, Receipt


def find(
    session: Session, number: int, *, kind: str = "payment", company_id: int, community_ids: Collection[int] | None
) -> tuple[Receipt, Payment]:
    """The receipt with this number in the company's book of a kind: payment, deposit. Raises NotFound, also for one of a compound
    outside the scope."""
    row = session.execute(
        sa.select(Receipt, Payment)
        .join(Payment, Payment.id == Receipt.payment_id)
        .where(
            Receipt.company_id == company_id,
            Receipt.kind == kind,
            Receipt.number == number,
            sa.true() if community_ids is None else Payment.community_id.in_(community_ids),
        )
    ).first()
    if row is None:
        book = "押" if kind == "deposit" else ""
        raise NotFound(f"没有找到收据 {book}{number:07d}，请核对一下号码。")
    return row[0], row[1]


def replace(
    session: Session, receipt: Receipt, payment: Payment, *, reason: str, by: str, source: str = "chat", now: datetime
) -> Receipt | None:
    """作废: the old number is worth nothing any more and stays in the book; the payment gets the next number instead.

    None when all of the money was given back: then there is nothing left to be receipted. Raises Refusal without a reason and
    AlreadyDone for one that is void already.
    """
    if not reason.strip():
        raise Refusal("为什么作废？请写一句原因，比如「抬头写错了」。")
    _must_be_held(session, receipt)
    if payment.refunded == payment.fen:
        void(session, receipt.id, reason=reason, now=now)
        again = None
    else:
        again = reissue(session, receipt, reason=reason, now=now)
    details: dict[str, object] = {"reason": reason[:100], "again": again.number if again else None}
    _note(session, "receipt.void", receipt, by, source, now, details)
    return again


def reprint(session: Session, receipt: Receipt, *, by: str, source: str = "chat", now: datetime) -> int:
    """补打: how often it has been printed again, this time included. Raises AlreadyDone for a void one, Refusal for that of a deposit
    that went back: whoever has the paper could ask for the money once more."""
    _must_be_held(session, receipt)
    times = session.execute(
        sa.update(Receipt)
        .where(Receipt.id == receipt.id, Receipt.voided_at.is_(None))
        .values(reprints=Receipt.reprints + 1)
        .returning(Receipt.reprints)
        .execution_options(synchronize_session=False)
    ).first()
    if times is None:
        raise AlreadyDone(f"收据 {number_of(receipt)} 已经作废，不能补打。")
    _note(session, "receipt.reprint", receipt, by, source, now, {"times": times[0]})
    return int(times[0])


def _must_be_held(session: Session, receipt: Receipt) -> None:
    if receipt.kind == "deposit":
        deposit = deposit_of(session, receipt.payment_id)
        if deposit is None or deposit.state != "held":
            raise Refusal(f"收据 {number_of(receipt)} 的押金已经退了，不能再开。")


def _note(
    session: Session, action: str, receipt: Receipt, by: str, source: str, now: datetime, details: dict[str, object]
) -> None:
    record(
        session,
        at=now,
        actor=by,
        action=action,
        subject=f"receipt:{receipt.id}",
        source=source,
        company_id=receipt.company_id,
        details={"number": receipt.number, **details},
    )
