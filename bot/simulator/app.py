"""One WSGI application for everything of the pretend platform."""

from pathlib import Path

from flask import Flask

from bot.clock import SharedClock, SystemClock
from bot.simulator import api, api_papay, api_pay, phone, sms, tools
from bot.simulator.platform import Platform
from bot.simulator.settings import SimulatorSettings

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LARGEST_REQUEST = 16 * 2**20  # bytes: more than the largest picture, so that a bigger one is refused in words


def create_simulator(settings: SimulatorSettings) -> Flask:
    """The app for a process of its own (several threads, one process): pushes go out in the background."""
    clock = SharedClock(settings.clock_file) if settings.clock_file else SystemClock()
    return app_of(Platform(settings, clock, background=True))


def app_of(platform: Platform) -> Flask:
    """The app around a platform that exists already, for tests and tools; it is kept in `app.extensions["platform"]`."""
    app = Flask(
        __name__,
        template_folder=str(TEMPLATES / "pages"),
        static_folder=str(TEMPLATES / "static" / "simulator"),
        static_url_path="/simulator/static",
    )
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.extensions["platform"] = platform
    app.register_blueprint(api.blueprint(platform))
    app.register_blueprint(api_pay.blueprint(platform))
    app.register_blueprint(api_papay.blueprint(platform))
    app.register_blueprint(sms.blueprint(platform))
    app.register_blueprint(phone.blueprint(platform))
    app.register_blueprint(tools.blueprint(platform))
    return app
