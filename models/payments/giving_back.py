"""Giving money back, and using what is held for a home when its next bills come."""

from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.appropriation import Debt, appropriate
from models.billing.closed_months import dated
from models.billing.ledger import Account, Side, post
from models.billing.queries import open_bills_of
from models.billing.tables import Bill
from models.errors import AlreadyDone, Refusal
from models.money import shown
from models.payments import purses
from models.payments.deposit_tables import Deposit
from models.payments.settling import settle
from models.payments.tables import Payment, Purse, Refund, Settlement
from models.payments.what_follows import paid_off


def refund(session: Session, payment: Payment, fen: int, *, number: str, reason: str, by: str, now: datetime) -> Refund:
    """Give back part of a payment or all of it: what is still held first, then off the bills it settled, the newest first.

    `number` makes it happen once: the same number again raises AlreadyDone. Raises Refusal for more than was paid.
    """
    if _is_deposit(session, payment):
        raise Refusal("这是押金，请说「退押金」。")
    purse = purses.lock(session, payment.home_id)
    now = dated(session, payment.community_id, now)
    if session.scalar(sa.select(Refund.id).where(Refund.number == number)):
        raise AlreadyDone("这笔退款已经登记过了。")
    if fen <= 0:
        raise Refusal("退款金额要大于0。")
    left = session.execute(
        sa.update(Payment)
        .where(Payment.id == payment.id, Payment.refunded + fen <= Payment.fen)
        .values(refunded=Payment.refunded + fen)
        .returning(Payment.refunded)
        .execution_options(synchronize_session=False)
    ).first()
    if left is None:
        raise Refusal(f"这笔缴费最多还能退{shown(payment.fen - payment.refunded)}。")
    session.refresh(payment)
    sides = [Side(cast(Account, payment.channel), -fen)]
    # What a former owner had left was settled when the home was sold: what is held now is somebody else's.
    mine = held_from(session, payment) if payment.former_id is None else 0
    from_purse = min(fen, purse.held, mine)
    if from_purse:
        purses.change(session, purse, -from_purse, "refunded", payment_id=payment.id, now=now)
        sides.append(Side("prepayment", from_purse))
    sides += _off_the_bills(session, payment, fen - from_purse, now=now)
    given = Refund(payment_id=payment.id, number=number, fen=fen, reason=reason, by=by, at=now)
    session.add(given)
    post(
        session,
        community_id=payment.community_id,
        what="refund",
        document=f"refund:{number}",
        sides=sides,
        by=by,
        now=now,
    )
    record(
        session,
        at=now,
        actor=by,
        action="payment.refund",
        subject=f"payment:{payment.id}",
        source="system",
        company_id=payment.company_id,
        details={"fen": fen, "reason": reason},
    )
    return given


def held_from(session: Session, payment: Payment) -> int:
    """What of this payment went to the purse and was not given back. A deposit never does."""
    if _is_deposit(session, payment):
        return 0
    settled = session.scalar(sa.select(sa.func.sum(Settlement.fen)).where(Settlement.payment_id == payment.id))
    refunded_before = session.scalar(sa.select(sa.func.sum(Refund.fen)).where(Refund.payment_id == payment.id))
    return max(0, payment.fen - int(settled or 0) - int(refunded_before or 0))


def _is_deposit(session: Session, payment: Payment) -> bool:
    return session.scalar(sa.select(Deposit.id).where(Deposit.payment_id == payment.id)) is not None


def _off_the_bills(session: Session, payment: Payment, fen: int, *, now: datetime) -> list[Side]:
    rows = session.execute(
        sa.select(Bill, sa.func.sum(Settlement.fen))
        .join(Settlement, Settlement.bill_id == Bill.id)
        .where(Settlement.payment_id == payment.id)
        .group_by(Bill.id)
        .having(sa.func.sum(Settlement.fen) > 0)
        .order_by(Bill.due_on.desc(), Bill.id.desc())
    ).all()
    sides = []
    for bill, settled in rows:
        off = min(fen, int(settled))
        if not off:
            break
        reopened = session.execute(
            sa.update(Bill)
            .where(Bill.id == bill.id, Bill.paid >= off)
            .values(paid=Bill.paid - off)
            .returning(Bill.id)
            .execution_options(synchronize_session=False)
        ).first()
        if reopened is None:
            raise AlreadyDone("这笔账单刚刚变了，请重新退一次。")
        session.add(Settlement(bill_id=bill.id, payment_id=payment.id, fen=-off, at=now))
        sides.append(Side("receivable", off, bill.item_id))
        fen -= off
    if fen:
        raise Refusal("这笔钱存成预存款以后已经用掉了，退不出这么多。")
    session.expire_all()
    return sides


def use_held(
    session: Session, home_id: int, *, former: int | None = None, most: int | None = None, now: datetime
) -> int:
    """Pay a home's open bills out of what is held for it, in the order of the law; returns the fen that were used.

    `former`: the bills of a former owner instead; `most`: no more than so many fen.
    """
    purse = purses.lock(session, home_id)
    held = purse.held if most is None else min(purse.held, most)
    if held <= 0:
        return 0
    lines = {str(line.bill.id): line for line in open_bills_of(session, [home_id], former=former)}
    debts = [Debt(key, line.bill.due_on, line.open) for key, line in lines.items()]
    used = 0
    settled_all = appropriate(held, debts, now.date()).settled
    for settled in settled_all:
        bill = lines[settled.key].bill
        now = dated(session, bill.community_id, now)
        settle(session, bill, settled.principal, None, now=now)
        entry = purses.change(session, purse, -settled.principal, "used", bill_id=bill.id, now=now)
        sides = [Side("prepayment", settled.principal), Side("receivable", -settled.principal, bill.item_id)]
        post(
            session, community_id=bill.community_id, what="held", document=f"purse:{entry}", sides=sides,
            by="system", now=now,
        )  # fmt: skip
        used += settled.principal
    paid_off(session, [lines[settled.key].bill for settled in settled_all], now=now)
    return used


def homes_with_something_held(session: Session, community_id: int, period: str) -> list[int]:
    """Homes that have something held and an open bill of this month."""
    return list(
        session.scalars(
            sa.select(Purse.home_id)
            .where(
                Purse.held > 0,
                sa.exists().where(
                    Bill.home_id == Purse.home_id,
                    Bill.community_id == community_id,
                    Bill.period == period,
                    Bill.state == "posted",
                    Bill.paid < Bill.amount,
                    Bill.former_id.is_(None),
                ),
            )
            .order_by(Purse.home_id)
        )
    )
