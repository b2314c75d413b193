"""What must hold of 委托代扣 whatever happened, recomputed from the raw rows."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models.billing.tables import Bill
from models.papay.tables import PapayAttempt, PapayBill, PapayContract
from models.payments.online import ENTRUSTED
from models.payments.online_tables import OnlineOrder


def flaws(session: Session) -> Iterator[str]:
    """Who signed has WeChat's number; an order of a contract is of one attempt, of its home, and over no more than was announced;
    its bills are the attempt's."""
    agreed = PapayContract.state.in_(("signed", "ending"))
    for number in session.scalars(
        sa.select(PapayContract.id)
        .where(
            sa.or_(
                sa.and_(agreed, sa.or_(PapayContract.contract_id.is_(None), PapayContract.signed_at.is_(None))),
                (PapayContract.state == "ended") != PapayContract.ended_at.is_not(None),
            )
        )
        .order_by(PapayContract.id)
    ):
        yield f"papay contract {number}: its state and what is known of it do not agree"
    yield from _attempts(session)
    for order in session.scalars(
        sa.select(OnlineOrder.number)
        .outerjoin(PapayAttempt, PapayAttempt.order_id == OnlineOrder.id)
        .where((OnlineOrder.way == ENTRUSTED) != PapayAttempt.id.is_not(None))
        .order_by(OnlineOrder.id)
    ):
        yield f"online order {order}: is taken by a contract and stands for no attempt, or the other way round"
    for bill in session.scalars(
        sa.select(Bill.id)
        .join(PapayBill, PapayBill.bill_id == Bill.id)
        .join(PapayAttempt, PapayAttempt.id == PapayBill.attempt_id)
        .where(Bill.home_id != PapayAttempt.home_id)
        .order_by(Bill.id)
    ):
        yield f"bill {bill}: is to be taken from another home"


def _follows_a_failure() -> sa.ColumnElement[bool]:
    """A further try is of the same contract and home as the one before it, of which the home has heard that nothing came."""
    before = aliased(PapayAttempt)
    fits = sa.exists().where(
        before.id == PapayAttempt.retry_of, before.contract_id == PapayAttempt.contract_id,
        before.home_id == PapayAttempt.home_id, before.run == PapayAttempt.run - 1, before.failed_at.is_not(None),
    )  # fmt: skip
    return sa.or_(PapayAttempt.retry_of.is_(None), fits)


def _attempts(session: Session) -> Iterator[str]:
    wrong = sa.or_(
        (PapayAttempt.state == "asked") != PapayAttempt.order_id.is_not(None),
        PapayAttempt.home_id != PapayContract.home_id,
        OnlineOrder.fen > PapayAttempt.fen,
        OnlineOrder.home_id != PapayAttempt.home_id,
        sa.and_(PapayAttempt.state.in_(("told", "asked")), PapayAttempt.told_at.is_(None)),
        (PapayAttempt.run > 1) != PapayAttempt.retry_of.is_not(None),
        ~_follows_a_failure(),
    )
    for number in session.scalars(
        sa.select(PapayAttempt.id)
        .join(PapayContract, PapayContract.id == PapayAttempt.contract_id)
        .outerjoin(OnlineOrder, OnlineOrder.id == PapayAttempt.order_id)
        .where(wrong)
        .order_by(PapayAttempt.id)
    ):
        yield f"papay attempt {number}: does not stand as its contract and its order do"
