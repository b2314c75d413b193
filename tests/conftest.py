"""What every test may ask for."""

import gc
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.db import Database
from tests.support.browser import browser
from tests.support.databases import (
    SERVER,
    database,
    emptied_postgresql,
    postgresql_template,
    share_compiled_statements,
    sqlite_template,
)
from tests.support.demo import demo_database, demo_on_postgresql, demo_on_sqlite, world
from tests.support.redis_server import redis_server, running_redis

__all__ = [
    "browser",
    "database",
    "demo_database",
    "demo_on_postgresql",
    "demo_on_sqlite",
    "emptied_postgresql",
    "postgresql_template",
    "redis_server",
    "running_redis",
    "sqlite_template",
    "world",
]


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


def pytest_configure() -> None:
    share_compiled_statements()


def pytest_collection_finish() -> None:
    """What is loaded now stays until the end: the garbage collector need not go through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    SERVER.leave()
