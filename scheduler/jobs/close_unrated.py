"""Nobody rated the work within three days: closed as 未评价, which is not five stars (domain rule T20)."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.workorders.actions_time import close_unrated, unrated
from models.workorders.tables import WorkOrder
from scheduler.one_by_one import one_by_one


def run(services: Services, now: datetime) -> str:
    def close(session: Session, order_id: int) -> None:
        close_unrated(session, session.get_one(WorkOrder, order_id), now=now)

    return one_by_one(services.database, lambda session: unrated(session, now), close, "closed")
