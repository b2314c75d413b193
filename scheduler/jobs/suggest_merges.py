"""Two reports of the last hour that may be one thing: the office hears of it, with the words that join them."""

from datetime import datetime

from bot.services import Services
from models.workorders.suggest import alike_now, suggest_merge


def run(services: Services, now: datetime) -> str:
    with services.database.reading() as session:
        pairs = alike_now(session, now)
    for later, earlier in pairs:
        with services.database.transaction() as session:
            suggest_merge(session, later, earlier, now=now)
    return f"{len(pairs)} looked at"
