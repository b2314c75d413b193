"""Give what was done its place in the chain, so that it cannot be rewritten unnoticed."""

from datetime import datetime

from bot.services import Services
from models.audit.log import seal


def run(services: Services, now: datetime) -> str:
    with services.database.transaction() as session:
        return f"{seal(session)} sealed"
