"""Orders that wait for somebody to send: those of the night in the morning, the others when the right worker comes on duty."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.workorders.actions_time import waiting
from models.workorders.actors import system_actor
from models.workorders.dispatch import dispatch
from models.workorders.tables import WorkOrder
from scheduler.one_by_one import one_by_one


def run(services: Services, now: datetime) -> str:
    def send_somebody(session: Session, order_id: int) -> None:
        order = session.get_one(WorkOrder, order_id)
        dispatch(session, order, now=now, actor=system_actor(order.company_id))

    return one_by_one(services.database, waiting, send_somebody, "looked at")
