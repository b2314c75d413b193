"""What a manager has approved becomes owed; what is held for a home pays first; then every owner is promised the news once."""

import logging
from collections.abc import Sequence
from datetime import datetime

from bot.services import Services
from models.billing.publish import publish
from models.billing.tables import BillingRun
from models.db import Database
from models.errors import AlreadyDone
from models.payments.giving_back import homes_with_something_held, use_held
from models.payments.handover import after_publishing
from models.payments.issuing import runs_in, tell_owners, untold_runs
from scheduler.side_by_side import side_by_side

log = logging.getLogger(__name__)

HOMES_AT_ONCE = 500


def run(services: Services, now: datetime) -> str:
    database = services.database
    with database.reading() as session:
        approved = [run.id for run in runs_in(session, "approved")]
    publish_all(database, approved, now)
    with database.reading() as session:
        untold = [run.id for run in untold_runs(session)]
    for number in untold:
        _tell(database, number, now)
    return f"{len(approved)} runs published, {len(untold)} told"


def publish_all(database: Database, runs: Sequence[int], now: datetime) -> None:
    """Each run whole, in a transaction of its own; what somebody else published meanwhile is left."""
    side_by_side(database, lambda number: _publish(database, number, now), runs)


def _publish(database: Database, number: int, now: datetime) -> None:
    try:
        with database.transaction() as session:
            publish(session, session.get_one(BillingRun, number), by="system", now=now)
            after_publishing(session, number, by="system", now=now)
    except AlreadyDone:
        log.debug("another scheduler was faster", extra={"run": number})


def _tell(database: Database, number: int, now: datetime) -> None:
    """What is held is used before the owner hears what is left to pay. All of it may be done again after a crash."""
    with database.reading() as session:
        run = session.get_one(BillingRun, number)
        homes = homes_with_something_held(session, run.community_id, run.period)
    for home in homes:
        with database.transaction() as session:
            use_held(session, home, now=now)
    after: int | None = 0
    while after is not None:
        with database.transaction() as session:
            run = session.get_one(BillingRun, number)
            after = tell_owners(session, run, after=after, limit=HOMES_AT_ONCE, now=now)
            if after is None:
                run.told_at = now
