"""Commands as they are typed, on an app that holds nothing but them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from bot.clock import FixedClock
from bot.config import Settings, load_settings
from bot.services import Services
from handlers.commands import register_commands
from models.db import Database
from tests.support.databases import drop_postgresql, fresh_postgresql

Run = Callable[..., Result]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"DATA_DIR": str(tmp_path / "data"), "SIMULATOR": "1"})


@pytest.fixture
def command_app(settings: Settings, database: Database, now: datetime) -> Flask:
    return app_on(database, settings, now)


@pytest.fixture
def run(command_app: Flask) -> Run:
    """`run("export", "homes")` is `flask export homes`; `input` becomes stdin."""
    return runner_of(command_app)


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def demo_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The demo company, one for all tests that only look at it."""
    name = ""
    if request.param == "sqlite":
        loaded: Path = request.getfixturevalue("demo_on_sqlite")
        path = tmp_path_factory.mktemp("demo") / "linli.db"
        path.write_bytes(loaded.read_bytes())
        url = f"sqlite:///{path}"
    else:
        url, name = fresh_postgresql(request.getfixturevalue("demo_on_postgresql"))
    database = Database(url)
    yield database
    database.close()
    if name:
        drop_postgresql(name)


@pytest.fixture
def run_on_demo(demo_database: Database, settings: Settings, now: datetime) -> Run:
    """Commands on the demo company. Nothing may be written there."""
    return runner_of(app_on(demo_database, settings, now))


@pytest.fixture
def demo_copy(demo_database: Database, tmp_path: Path) -> Iterator[Database]:
    """The demo company, for one test that writes there."""
    if demo_database.is_sqlite:
        path = tmp_path / "copy.db"
        path.write_bytes(Path(demo_database.engine.url.database or "").read_bytes())
        database = Database(f"sqlite:///{path}")
        yield database
        database.close()
        return
    demo_database.engine.dispose()  # PostgreSQL copies only what nobody is connected to
    url, name = fresh_postgresql(demo_database.engine.url.database or "")
    database = Database(url)
    yield database
    database.close()
    drop_postgresql(name)


@pytest.fixture
def run_on_copy(demo_copy: Database, settings: Settings, now: datetime) -> Run:
    return runner_of(app_on(demo_copy, settings, now))


def app_on(database: Database, settings: Settings, now: datetime) -> Flask:
    url = database.engine.url.render_as_string(hide_password=False)
    services = Services(replace(settings, database_url=url), FixedClock(now))
    services.__dict__["database"] = database  # the cached property, filled beforehand
    app = Flask("linli")
    app.extensions["services"] = services
    register_commands(app)
    return app


def runner_of(app: Flask) -> Run:
    def run(*arguments: str, input: str | None = None) -> Result:
        return app.test_cli_runner().invoke(args=list(arguments), input=input)

    return run
