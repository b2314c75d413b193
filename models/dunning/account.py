"""What was agreed with a home about its debts, for its page at the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.dunning.plans import paid_since
from models.dunning.queries import in_force
from models.dunning.tables import DunningStop, Instalment, InstalmentPlan

LATEST = 5


@dataclass(frozen=True)
class Plan:
    """A plan with its parts; `paid`: fen that came in since it was made, while it runs."""

    plan: InstalmentPlan
    parts: Sequence[Instalment]
    paid: int


def plans_of(session: Session, home_id: int) -> list[Plan]:
    """The latest plans of a home."""
    plans = session.scalars(
        sa.select(InstalmentPlan)
        .where(InstalmentPlan.home_id == home_id)
        .order_by(InstalmentPlan.id.desc())
        .limit(LATEST)
    ).all()
    parts: dict[int, list[Instalment]] = {plan.id: [] for plan in plans}
    rows = sa.select(Instalment).where(Instalment.plan_id.in_(parts)).order_by(Instalment.plan_id, Instalment.place)
    for part in session.scalars(rows) if parts else ():
        parts[part.plan_id].append(part)
    return [Plan(plan, parts[plan.id], paid_since(session, plan) if plan.state == "active" else 0) for plan in plans]


def stops_of(session: Session, home_id: int, today: date) -> Sequence[DunningStop]:
    """What stops reminders of a home now."""
    return session.scalars(
        sa.select(DunningStop).where(DunningStop.home_id == home_id, in_force(today)).order_by(DunningStop.id)
    ).all()
