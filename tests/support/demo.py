"""The demo company in a database of each kind, loaded once per test run and copied for every test."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from filelock import FileLock

from bot.clock import SHANGHAI, FixedClock
from bot.config import PRETEND, load_settings
from bot.services import Services
from handlers.commands.demo import load
from models.audit.log import seal
from models.db import Database
from tests.support.databases import copy_postgresql, drop_postgresql, fold, fresh_postgresql, on_server
from tests.support.world import World, open_world

# A Tuesday morning at work.
MONTHS_OF_FEES = 6  # half the demo's year: enough for every test, and copied faster
MORNING = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)


def load_demo(database: Database, data_dir: Path) -> None:
    settings = load_settings({**PRETEND, "SIMULATOR": "1", "DATA_DIR": str(data_dir)})
    services = Services(settings, FixedClock(MORNING))
    with database.transaction() as session:
        load(session, services, settings.wechat_account, months_of_fees=MONTHS_OF_FEES)
    with database.transaction() as session:
        seal(session)


@pytest.fixture(scope="session")
def demo_on_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = _of_all_workers(tmp_path_factory)
    path = folder / "demo.db"
    with FileLock(folder / "demo.db.lock"):
        if not path.exists():
            loading = folder / "loading.db"
            loading.write_bytes(sqlite_template.read_bytes())
            database = Database(f"sqlite:///{loading}")
            load_demo(database, folder)
            fold(database)
            loading.rename(path)
    return path


@pytest.fixture(scope="session")
def demo_on_postgresql(postgresql_template: str, tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> str:
    """Stays on the server after the run, for the worker that is not done yet; whoever starts the server next drops it."""
    folder, name = _of_all_workers(tmp_path_factory), f"demo_{testrun_uid}"
    with FileLock(folder / "demo.postgresql.lock"):
        loaded = folder / "demo.postgresql.loaded"
        if not loaded.exists():
            copy_postgresql(postgresql_template, name)
            database = Database(on_server(name))
            load_demo(database, folder)
            database.close()
            loaded.touch()
    return name


def _of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the worker processes of this run share, and no other run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


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
