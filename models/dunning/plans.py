"""分期: agreeing on parts, and noticing when they are not kept to."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.tables import Bill
from models.db import SHANGHAI
from models.dunning.actions import stop
from models.dunning.instalments import MOST, Part, missed, parts_of
from models.dunning.tables import DunningStop, Instalment, InstalmentPlan
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Home
from models.payments import purses
from models.payments.deposit_tables import Deposit
from models.payments.tables import Payment


def agree(
    session: Session, home: Home, count: int, first: date, *, by: str, now: datetime
) -> tuple[InstalmentPlan, list[Part]]:
    """What the home owes by today, in monthly parts. Raises Refusal, AlreadyDone while another plan runs."""
    purses.lock(session, home.id)
    running = session.scalar(
        sa.select(InstalmentPlan.id).where(InstalmentPlan.home_id == home.id, InstalmentPlan.state == "active")
    )
    if running is not None:
        raise AlreadyDone("这一户已经有分期了。")
    today = now.astimezone(SHANGHAI).date()
    fen = session.scalar(
        sa.select(sa.func.sum(Bill.amount - Bill.paid)).where(
            Bill.home_id == home.id, Bill.state == "posted", Bill.due_on < today, Bill.former_id.is_(None)
        )
    )
    if not fen:
        raise Refusal("这一户没有过期没交的，不用分期。")
    try:
        parts = parts_of(int(fen), count, first)
    except ValueError:
        raise Refusal(f"可以分2到{MOST}期。") from None
    plan = InstalmentPlan(community_id=home.community_id, home_id=home.id, fen=int(fen), by=by, at=now, state="active")
    session.add(plan)
    session.flush()
    session.add_all(
        Instalment(plan_id=plan.id, place=place, due_on=part.due_on, fen=part.fen) for place, part in enumerate(parts)
    )
    stop(session, home, "plan", f"{count}期", by=by, now=now)
    return plan, parts


def owner_leaves(session: Session, home: Home, *, by: str, now: datetime) -> None:
    """A change of owner: what was agreed with the former one, and what kept their reminders back, holds no longer."""
    session.execute(
        sa.update(InstalmentPlan)
        .where(InstalmentPlan.home_id == home.id, InstalmentPlan.state == "active")
        .values(state="ended")
    )
    session.execute(
        sa.update(DunningStop)
        .where(DunningStop.home_id == home.id, DunningStop.ended_at.is_(None))
        .values(ended_at=now, ended_by=by)
    )


def active_plans(session: Session) -> Sequence[int]:
    return session.scalars(
        sa.select(InstalmentPlan.id).where(InstalmentPlan.state == "active").order_by(InstalmentPlan.id)
    ).all()


def look_at(session: Session, plan: InstalmentPlan, now: datetime) -> str:
    """Kept when it is all paid, broken when a part has been missing for seven days; the stop ends with it. Returns the state."""
    parts = parts_in(session, plan)
    paid = paid_since(session, plan)
    today = now.astimezone(SHANGHAI).date()
    state = "kept" if paid >= plan.fen else "broken" if missed(parts, paid, today) else "active"
    if state == "active":
        return state
    moved = session.execute(
        sa.update(InstalmentPlan)
        .where(InstalmentPlan.id == plan.id, InstalmentPlan.state == "active")
        .values(state=state)
        .returning(InstalmentPlan.id)
        .execution_options(synchronize_session=False)
    ).first()
    if moved is None:
        raise AlreadyDone("这个分期刚刚已经结束了。")
    session.execute(
        sa.update(DunningStop)
        .where(DunningStop.home_id == plan.home_id, DunningStop.why == "plan", DunningStop.ended_at.is_(None))
        .values(ended_at=now, ended_by="system")
    )
    return state


def parts_in(session: Session, plan: InstalmentPlan) -> list[Part]:
    rows = session.execute(
        sa.select(Instalment.due_on, Instalment.fen).where(Instalment.plan_id == plan.id).order_by(Instalment.place)
    )
    return [Part(due_on, fen) for due_on, fen in rows]


def paid_since(session: Session, plan: InstalmentPlan) -> int:
    """Fen that came in for the home since the plan was made, less what was given back."""
    paid = sa.select(sa.func.sum(Payment.fen - Payment.refunded)).where(
        Payment.home_id == plan.home_id, Payment.at >= plan.at, ~sa.exists().where(Deposit.payment_id == Payment.id)
    )
    return int(session.scalar(paid) or 0)
