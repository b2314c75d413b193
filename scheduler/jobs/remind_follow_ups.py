"""Every working morning: the low ratings nobody has dealt with, and the visits that should be made by now, to those who make them."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.workorders.remind_follow_ups import companies_that_owe, remind
from scheduler.one_by_one import one_by_one


def run(services: Services, now: datetime) -> str:
    def remind_them(session: Session, company_id: int) -> None:
        remind(session, company_id, now=now)

    return one_by_one(
        services.database, lambda session: companies_that_owe(session, now), remind_them, "companies reminded"
    )
