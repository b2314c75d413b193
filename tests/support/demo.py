"""The demo company in a database of each kind, loaded once per test process and copied for every test."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.clock import SHANGHAI, FixedClock
from bot.config import PRETEND, load_settings
from bot.services import Services
from handlers.commands.demo import load
from models.audit.log import seal
from models.db import Database
from tests.support.databases import drop_postgresql, fresh_postgresql
from tests.support.world import World, open_world

# A Tuesday morning at work.
MORNING = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)


def load_demo(database: Database, data_dir: Path) -> None:
    settings = load_settings({**PRETEND, "SIMULATOR": "1", "DATA_DIR": str(data_dir)})
    services = Services(settings, FixedClock(MORNING))
    with database.transaction() as session:
        load(session, services, settings.wechat_account)
    with database.transaction() as session:
        seal(session)


@pytest.fixture(scope="session")
def demo_on_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    load_demo(database, path.parent)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def demo_on_postgresql(postgresql_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    url, name = fresh_postgresql(postgresql_template)
    database = Database(url)
    load_demo(database, tmp_path_factory.mktemp("demo"))
    database.close()
    yield name
    drop_postgresql(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def demo_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with the demo company in it, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("demo_on_sqlite")
        path = tmp_path / "demo.db"
        path.write_bytes(template.read_bytes())
        database = Database(f"sqlite:///{path}")
        yield database
        database.close()
    else:
        url, name = fresh_postgresql(request.getfixturevalue("demo_on_postgresql"))
        database = Database(url)
        yield database
        database.close()
        drop_postgresql(name)


@pytest.fixture
def world(demo_database: Database, tmp_path: Path) -> World:
    """The demo company at work on a Tuesday morning, with the pretend WeChat around it."""
    return open_world(demo_database, tmp_path, MORNING)
