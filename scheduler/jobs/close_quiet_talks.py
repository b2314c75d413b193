"""A talk with a person in which nobody says anything any more is over, and both hear of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.people.talks import Talk, close, gone_quiet
from scheduler.one_by_one import one_by_one


def run(services: Services, now: datetime) -> str:
    def end(session: Session, talk_id: int) -> None:
        close(session, session.get_one(Talk, talk_id), "time", now=now)

    return one_by_one(services.database, lambda session: gone_quiet(session, now), end, "closed")
