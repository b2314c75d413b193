"""Pictures and recordings go when they are no longer needed (PIPL article 19): three years after their order was closed, or
after a week when no order ever came of them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.services import Services
from models.media import queue
from models.media.patience import LOOSE_FOR
from models.media.tables import Medium
from models.workorders.photos import files_of, kept_too_long

AT_ONCE = 200


def run(services: Services, now: datetime) -> str:
    closed_before = now - timedelta(days=services.settings.media_keep_days)
    old = _forget(services, lambda session: kept_too_long(session, closed_before, AT_ONCE), queue.mark_forgotten)
    loose = _forget(services, lambda session: queue.loose(session, now - LOOSE_FOR, AT_ONCE), queue.drop)
    return f"{old} forgotten, {loose} that belonged to nothing"


def _forget(
    services: Services, find: Callable[[Session], Sequence[Medium]], note: Callable[[Session, int], None]
) -> int:
    """The files first, then the rows: whatever is interrupted between finds the row again and the files gone."""
    gone: set[int] = set()
    while True:
        with services.database.reading() as session:
            media = [medium for medium in find(session) if medium.id not in gone]
        if not media:
            return len(gone)
        for medium in media:
            for name in files_of(medium):
                services.media_store.remove(name)
        with services.database.transaction() as session:
            for medium in media:
                note(session, medium.id)
        gone |= {medium.id for medium in media}
