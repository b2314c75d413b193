"""The month's bills are worked out in the night, slice by slice, and shown to the manager in the morning."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.services import Services
from models.billing.due import DueTariff, due_tariffs
from models.billing.publish import make_ready
from models.billing.run import begin_run, write_slice
from models.billing.share_actions import pools_waiting, write_shares
from models.billing.tables import BillingRun
from models.db import SHANGHAI, Database
from models.errors import AlreadyDone
from models.payments.issuing import communities_that_charge, tell_managers
from scheduler.side_by_side import side_by_side

SLICES = 5  # in one transaction: as long as 10,000 bills take, a ledger of the compound waits


def run(services: Services, now: datetime) -> str:
    database, period = services.database, f"{now.astimezone(SHANGHAI):%Y-%m}"
    with database.reading() as session:
        communities = communities_that_charge(session)
    drafted = side_by_side(database, lambda community: _draft(database, community, period, now), communities)
    runs = [run for run in drafted if run]
    with database.transaction() as session:
        ready = [run for run in runs if make_ready(session, run)]
        if ready:
            tell_managers(session, ready, now=now)
    return f"{len(ready)} runs drafted"


def _draft(database: Database, community_id: int, period: str, now: datetime) -> BillingRun | None:
    """The month's draft of one compound, whole; None when nothing is due or it was drafted before."""
    with database.transaction() as session:
        due = due_tariffs(session, community_id, period)
        if not due and not pools_waiting(session, community_id, period):
            return None
        try:
            run = begin_run(session, community_id, period, by="system", now=now)
        except AlreadyDone:
            return None
    if run.state != "draft":
        return None
    _all_slices(database, run, due)
    with database.transaction() as session:
        write_shares(session, session.merge(run))
    return run


def _all_slices(database: Database, run: BillingRun, due: Sequence[DueTariff]) -> None:
    """A few in each transaction, so that a home is locked once for several of its bills; SQLite lets others write in between."""
    places = deque((tariff, 0) for tariff in due)
    while places:
        with database.transaction() as session:
            for _ in range(1 if database.is_sqlite else SLICES):
                _next_slice(session, run, places)


def _next_slice(session: Session, run: BillingRun, places: deque[tuple[DueTariff, int]]) -> None:
    if not places:
        return
    tariff, after = places.popleft()
    goes_on = write_slice(session, run, tariff, after=after).after
    if goes_on is not None:
        places.appendleft((tariff, goes_on))
