"""The third time in thirty days that the same thing breaks in one place: somebody should find out why (domain rules 2.5)."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.workorders.actions_repeat import companies_with_new_orders, look_for_repeats
from scheduler.one_by_one import one_by_one


def run(services: Services, now: datetime) -> str:
    def look(session: Session, company_id: int) -> None:
        look_for_repeats(session, company_id, now=now)

    return one_by_one(
        services.database, lambda session: companies_with_new_orders(session, now), look, "companies looked at"
    )
