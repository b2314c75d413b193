"""A charge that nothing came of is tried once more some days later, by a new order for the same bills, as often as the terms allow."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.db import SHANGHAI, savepoint
from models.papay.attempts import CAME_AFTER_ALL, may_be_charged, open_on
from models.papay.quiet import hold_reminders, let_remind
from models.papay.rules import Tries, again_on
from models.papay.tables import PapayAttempt, PapayBill, PapayContract
from models.payments.actions import LARGEST


def plan_again(
    session: Session, failed: PapayAttempt, reason: str, tries: Tries, *, now: datetime
) -> PapayAttempt | None:
    """The next try, which takes over the bills; None when there is none, and then reminders go on.

    It is announced like the first. Of a failed try there is one next: a notice that comes twice plans nothing twice.
    """
    today = now.astimezone(SHANGHAI).date()
    day = again_on(reason, failed.run, tries, today)
    theirs = sa.select(PapayContract.id).where(PapayContract.id == failed.contract_id, *may_be_charged(today))
    bills = session.scalars(sa.select(PapayBill.bill_id).where(PapayBill.attempt_id == failed.id)).all()
    if day is None or session.scalar(theirs) is None:
        let_remind(session, failed.home_id, now=now)
        return None
    fen = sum(open_on(session, failed.home_id, bills, day).values())
    again = _written(session, failed, fen, day, now) if 0 < fen <= LARGEST else None
    if again is not None:
        hold_reminders(session, failed.home_id, day, now=now)
    return again


def _written(session: Session, failed: PapayAttempt, fen: int, day: date, now: datetime) -> PapayAttempt | None:
    again = PapayAttempt(
        community_id=failed.community_id, home_id=failed.home_id, contract_id=failed.contract_id, charge_on=day, fen=fen,
        made_at=now, run=failed.run + 1, retry_of=failed.id,
    )  # fmt: skip
    try:
        with savepoint(session):
            session.add(again)
            session.flush()
            session.execute(
                sa.update(PapayBill)
                .where(PapayBill.attempt_id == failed.id)
                .values(attempt_id=again.id)
                .execution_options(synchronize_session=False)
            )
    except IntegrityError:
        return None
    return again


def came(session: Session, attempt_id: int, home_id: int, *, now: datetime) -> None:
    """The money is there: of a try that was given up, too. What was to follow is not taken."""
    session.execute(
        sa.update(PapayAttempt)
        .where(PapayAttempt.retry_of == attempt_id, PapayAttempt.state.in_(("planned", "told")))
        .values(state="dropped", reason=CAME_AFTER_ALL)
        .execution_options(synchronize_session=False)
    )
    let_remind(session, home_id, now=now)
