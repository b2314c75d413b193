"""The clocks of open orders: what is nearly late, late, or very late is told, each rung of the ladder once (domain rules 2.5)."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.workorders.clock_rules import CompanyRules, rules_of
from models.workorders.tables import WorkOrder
from models.workorders.watch import look_at, to_look_at
from scheduler.one_by_one import one_by_one


def run(services: Services, now: datetime) -> str:
    rules: dict[int, CompanyRules] = {}

    def look(session: Session, order_id: int) -> None:
        order = session.get_one(WorkOrder, order_id)
        if order.company_id not in rules:
            rules[order.company_id] = rules_of(session, order.company_id, now)
        look_at(session, order, rules[order.company_id].of(order.community_id), now=now)

    return one_by_one(services.database, lambda session: to_look_at(session, now), look, "looked at")
