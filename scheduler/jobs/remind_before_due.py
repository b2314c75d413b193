"""A week before a bill falls due its home hears of it once, by day and on a working day (domain rules 1.11, step 0)."""

from datetime import datetime

from bot.services import Services
from models.dunning.coming import coming, companies, remind_of

AT_ONCE = 200


def run(services: Services, now: datetime) -> str:
    told = 0
    with services.database.reading() as session:
        numbers = companies(session)
    for company in numbers:
        after: int | None = 0
        while after is not None:
            with services.database.transaction() as session:
                due = coming(session, company, now, after=after, limit=AT_ONCE)
                told += sum(remind_of(session, one, now) for one in due)
                after = due[-1].home_id if due else None
    return f"{told} homes reminded"
