"""The pretend WeChat of a training set-up, a process of its own. Nobody imports this file: a server loads it.

It stands beside wsgi.py and not in it because it needs neither the database nor the business, and so half the memory.
"""

import sys

from flask import Flask

from bot.config import BadSetting, load_settings
from bot.logs import set_up
from bot.simulator import create_simulator
from handlers.commands.cast import simulator_settings


def create_app() -> Flask:
    """The pretend WeChat with the demo's cast. Refuses to be built unless SIMULATOR=1."""
    try:
        settings = load_settings()
    except BadSetting as bad:
        sys.exit(f"setting: {bad}")
    if not settings.simulator:
        sys.exit("the simulator only starts with SIMULATOR=1")
    set_up(settings.log_level)
    return create_simulator(simulator_settings(settings))
