"""One database for many tests: whatever a test writes through `session` is rolled back, so the next finds it empty.

A fresh PostgreSQL database costs a third of a second; tests that commit nothing need none of their own.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from models.db import Database
from tests.support.databases import drop_postgresql, fresh_postgresql


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def kept_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("kept") / "linli.db"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        database = Database(f"sqlite:///{path}")
        yield database
        database.close()
    else:
        url, name = fresh_postgresql(request.getfixturevalue("postgresql_template"))
        database = Database(url)
        yield database
        database.close()
        drop_postgresql(name)


@pytest.fixture
def session(kept_database: Database) -> Iterator[Session]:
    """A session in a transaction that is rolled back afterwards."""
    with kept_database._write() as session:
        yield session
        session.rollback()
