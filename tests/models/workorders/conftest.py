"""The company every test of orders begins with."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.support.kept import kept_database, session
from tests.support.repairs import Cast, settle

__all__ = ["kept_database", "session"]


@pytest.fixture
def cast(session: Session, now: datetime) -> Cast:
    return settle(session, now)


@pytest.fixture
def order(session: Session, cast: Cast, now: datetime) -> WorkOrder:
    """Zhang's leaking kitchen pipe, dispatched to Chen."""
    return cast.report(session, now).order
