"""The morning's word about money: who is late, for the cashier; what is old, large, or getting worse, for the manager."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.dunning.alerts import companies_that_bill, tell
from scheduler.one_by_one import one_by_one


def run(services: Services, now: datetime) -> str:
    def look(session: Session, company: int) -> None:
        tell(session, company, now=now)

    return one_by_one(services.database, companies_that_bill, look, "companies looked at")
