"""How the program is put together. Nobody imports this file: servers and the `flask` command load it.

The pretend WeChat of a training set-up is a program of its own: wsgi_simulator.py.
"""

import sys
from datetime import datetime, timedelta

import click
from flask import Flask

import models.kinds  # noqa: F401 (declares every kind of message)
from bot.config import BadSetting, Settings, load_settings
from bot.dispatch import Desk
from bot.logs import set_up
from bot.services import Services, build_services
from handlers.bare_codes import with_bare_codes
from handlers.commands import register_commands
from handlers.commands.run_job import run_job_command
from handlers.program import build_program, build_understanding
from handlers.second_opinion import second_opinion_of
from handlers.web import register_all
from scheduler.runner import run_now
from scheduler.timetable import TIMETABLE, task_named

SIGNED_IN_FOR = timedelta(hours=12)  # then WeChat is asked again, which nobody notices


def create_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    settings = settings or (services.settings if services else _settings_or_exit())
    set_up(settings.log_level)
    services = services or build_services(settings)
    app = Flask(__name__, static_folder="templates/static", template_folder="templates/pages")
    app.secret_key = settings.secret_key
    app.config.update(
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=SIGNED_IN_FOR,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
    )
    program = build_program()
    understanding = build_understanding()
    app.extensions["services"] = services
    app.extensions["understanding"] = understanding
    app.extensions["desk"] = Desk(services, program, with_bare_codes(understanding.understand), settings)
    app.extensions["second_opinion"] = second_opinion_of(services, program, understanding)
    register_all(app, training=settings.simulator)
    register_commands(app)
    app.cli.add_command(_run_job(services))
    return app


def _run_job(services: Services) -> click.Command:
    def run(name: str, moment: datetime) -> str:
        return run_now(services, task_named(name), moment, f"by hand {moment:%Y-%m-%dT%H:%M:%S}")

    return run_job_command([task.name for task in TIMETABLE], run, services.clock.now)


def _settings_or_exit() -> Settings:
    try:
        return load_settings()
    except BadSetting as bad:
        sys.exit(f"setting: {bad}")
