"""What must hold of direct debit whatever happened, recomputed from the raw rows."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.debit.tables import DebitBatch, DebitLine, Mandate
from models.payments.tables import Payment

SHORTEST_SEALED = 100  # characters; an account has 32 at most


def flaws(session: Session) -> Iterator[str]:
    """No account stands in plain; a list's totals are those of its lines; every line that came is one payment of just that much, and every payment a line."""
    for mandate in session.scalars(sa.select(Mandate.id).where(sa.func.length(Mandate.sealed) < SHORTEST_SEALED)):
        yield f"mandate {mandate}: its account number is not sealed"
    count, total = sa.func.count(DebitLine.id), sa.func.coalesce(sa.func.sum(DebitLine.fen), 0)
    for (number,) in session.execute(
        sa.select(DebitBatch.number)
        .outerjoin(DebitLine, DebitLine.batch_id == DebitBatch.id)
        .group_by(DebitBatch.id, DebitBatch.number, DebitBatch.count, DebitBatch.total)
        .having(sa.or_(DebitBatch.count != count, DebitBatch.total != total))
        .order_by(DebitBatch.id)
    ):
        yield f"debit list {number}: its totals are not those of its lines"
    wrong_payment = sa.or_(
        Payment.id.is_(None), Payment.fen != DebitLine.fen, Payment.channel != "debit", Payment.home_id != DebitLine.home_id
    )  # fmt: skip
    waiting = sa.or_(
        sa.and_(DebitBatch.state == "sent", DebitLine.state != "waiting"),
        sa.and_(DebitBatch.state == "done", DebitLine.state.in_(("waiting", "dropped"))),
        sa.and_(DebitBatch.state == "dropped", DebitLine.state != "dropped"),
    )
    paid = DebitLine.state == "paid"
    for number, seq in session.execute(
        sa.select(DebitBatch.number, DebitLine.seq)
        .join(DebitLine, DebitLine.batch_id == DebitBatch.id)
        .outerjoin(Payment, Payment.id == DebitLine.payment_id)
        .where(sa.or_(waiting, sa.and_(paid, wrong_payment), sa.and_(~paid, DebitLine.payment_id.is_not(None))))
        .order_by(DebitLine.id)
    ):
        yield f"line {seq} of debit list {number}: does not stand as its list and its payment do"
    lines_of = sa.func.count(DebitLine.id)
    for payment, lines in session.execute(
        sa.select(Payment.id, lines_of)
        .outerjoin(DebitLine, DebitLine.payment_id == Payment.id)
        .where(Payment.channel == "debit")
        .group_by(Payment.id)
        .having(lines_of != 1)
        .order_by(Payment.id)
    ):
        yield f"payment {payment}: stands for {lines} lines of debit lists"
