"""A company at work, and somebody to talk to it."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from handlers.manager import FLOWS as MANAGER
from handlers.staff import FLOWS as STAFF
from models.estate.tables import OfficialAccount
from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.kept import kept_database, session
from tests.support.repairs import ACCOUNT, Cast, settle

__all__ = ["kept_database", "session"]


@pytest.fixture
def cast(session: Session, now: datetime) -> Cast:
    cast = settle(session, now)
    session.add(OfficialAccount(account=ACCOUNT, company_id=cast.company_id))
    session.flush()
    return cast


@pytest.fixture
def order(session: Session, cast: Cast, now: datetime) -> WorkOrder:
    """Zhang's leaking kitchen pipe, dispatched to Chen."""
    return cast.report(session, now).order


@pytest.fixture
def talk(session: Session, cast: Cast, now: datetime) -> Talking:
    return Talking(session, now, STAFF + MANAGER)
