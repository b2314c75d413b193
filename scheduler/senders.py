"""How a sender is put together: the machine, and what it must be told about people."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from bot.sender import Sender
from bot.services import Services
from models.people.reach import Who, alarm_managers, phones_of


class PeopleOnTheBooks:
    def phones(self, session: Session, people: Collection[Who]) -> Mapping[Who, str]:
        return phones_of(session, people)

    def alarm(self, session: Session, account: str, api: str, why: str, now: datetime) -> None:
        alarm_managers(session, account, api, why, now)


def build_sender(services: Services, now: Callable[[], datetime], worker: str) -> Sender:
    sending = services.settings.sending
    return Sender(
        services.database,
        services.wechat,
        services.renderer,
        now,
        worker=worker,
        in_flight=sending.in_flight,
        sending=sending,
        people=PeopleOnTheBooks(),
        sms=services.sms,
    )
