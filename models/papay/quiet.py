"""While a further try is coming the home is not reminded of its debts as well; after the last one it is, like everybody."""

from contextlib import suppress
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.dunning.actions import stop
from models.dunning.steps import TRYING
from models.dunning.tables import DunningStop
from models.errors import AlreadyDone
from models.estate.tables import Home


def hold_reminders(session: Session, home_id: int, until: date, *, now: datetime) -> None:
    """It ends by itself on that day, whatever becomes of the try."""
    with suppress(AlreadyDone):
        stop(session, session.get_one(Home, home_id), TRYING, "微信再扣一次", by="system", now=now, until=until)
    session.execute(
        sa.update(DunningStop)
        .where(_held(home_id), DunningStop.until < until)
        .values(until=until)
        .execution_options(synchronize_session=False)
    )


def let_remind(session: Session, home_id: int, *, now: datetime) -> None:
    session.execute(
        sa.update(DunningStop)
        .where(_held(home_id))
        .values(ended_at=now, ended_by="system")
        .execution_options(synchronize_session=False)
    )


def _held(home_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(DunningStop.home_id == home_id, DunningStop.why == TRYING, DunningStop.ended_at.is_(None))
