"""A paused order goes on when the day it waited for has come (domain rule T13)."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.workorders.actions_time import pause_ended, pauses_over
from models.workorders.tables import WorkOrder
from scheduler.one_by_one import one_by_one


def run(services: Services, now: datetime) -> str:
    def resume(session: Session, order_id: int) -> None:
        pause_ended(session, session.get_one(WorkOrder, order_id), now=now)

    return one_by_one(services.database, lambda session: pauses_over(session, now), resume, "resumed")
