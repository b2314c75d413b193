"""The month's bills are worked out in the night, slice by slice, and shown to the manager in the morning."""

from datetime import datetime

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
    for tariff in due:
        _all_slices(database, run, tariff)
    with database.transaction() as session:
        write_shares(session, session.merge(run))
    return run


def _all_slices(database: Database, run: BillingRun, due: DueTariff) -> None:
    after: int | None = 0
    while after is not None:
        with database.transaction() as session:
            after = write_slice(session, run, due, after=after).after
