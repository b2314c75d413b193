"""A paid service nobody paid within three days becomes a debt like any other, and its order goes on (domain rule T17)."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.workorders.charging import left_unpaid, unpaid_too_long
from models.workorders.tables import WorkOrder
from scheduler.one_by_one import one_by_one


def run(services: Services, now: datetime) -> str:
    def go_on(session: Session, order_id: int) -> None:
        left_unpaid(session, session.get_one(WorkOrder, order_id), now=now)

    return one_by_one(services.database, lambda session: unpaid_too_long(session, now), go_on, "went on")
