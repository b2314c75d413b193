"""What every test may ask for."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.db import Database
from tests.support.databases import database, postgresql_template, sqlite_template

__all__ = ["database", "postgresql_template", "sqlite_template"]


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning at work."""
    return datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session in a transaction that is rolled back afterwards."""
    with database._write() as session:
        yield session
        session.rollback()
