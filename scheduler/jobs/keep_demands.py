"""What became of each demand is noted before the outbox forgets; instalment plans that were kept or broken end."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.dunning.evidence import AT_ONCE, note_what_was_sent
from models.dunning.plans import active_plans, look_at
from models.dunning.tables import InstalmentPlan
from scheduler.one_by_one import one_by_one


def run(services: Services, now: datetime) -> str:
    noted, last = 0, AT_ONCE
    while last == AT_ONCE:
        with services.database.transaction() as session:
            last = note_what_was_sent(session)
        noted += last

    def look(session: Session, plan: int) -> None:
        look_at(session, session.get_one(InstalmentPlan, plan), now)

    return f"{noted} noted, " + one_by_one(services.database, active_plans, look, "plans looked at")
