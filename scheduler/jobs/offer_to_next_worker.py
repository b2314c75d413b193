"""An order nobody answered goes to the next worker: after ten minutes, a P0 after three (domain rules T7 and T9)."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.workorders.actions_time import dispatch_timed_out, unanswered
from models.workorders.tables import WorkOrder
from scheduler.one_by_one import one_by_one


def run(services: Services, now: datetime) -> str:
    def offer(session: Session, order_id: int) -> None:
        dispatch_timed_out(session, session.get_one(WorkOrder, order_id), now=now)

    return one_by_one(services.database, lambda session: unanswered(session, now), offer, "offered to the next")
