"""Commands as they are typed, on an app that holds nothing but them."""

from collections.abc import Callable
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

Run = Callable[..., Result]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"DATA_DIR": str(tmp_path / "data"), "SIMULATOR": "1"})


@pytest.fixture
def command_app(settings: Settings, database: Database, now: datetime) -> Flask:
    url = database.engine.url.render_as_string(hide_password=False)
    services = Services(replace(settings, database_url=url), FixedClock(now))
    services.__dict__["database"] = database  # the cached property, filled beforehand
    app = Flask("linli")
    app.extensions["services"] = services
    register_commands(app)
    return app


@pytest.fixture
def run(command_app: Flask) -> Run:
    """`run("export", "homes")` is `flask export homes`; `input` becomes stdin."""

    def run(*arguments: str, input: str | None = None) -> Result:
        return command_app.test_cli_runner().invoke(args=list(arguments), input=input)

    return run
