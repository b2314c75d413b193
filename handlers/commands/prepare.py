"""What `make run` does before it starts: `python -m handlers.commands.prepare`.

The same as `migrate` and `demo --if-empty`, without the rest of the program, because a newcomer is waiting.
"""

import sys

import click

from bot.config import BadSetting, load_settings
from bot.services import build_services
from handlers.commands.demo import load_once
from handlers.commands.migrate import bring_up_to_date


def prepare() -> None:
    """Bring the database to the newest version, and load the demo when there is no company in it. Raises ClickException."""
    services = build_services(load_settings())
    click.echo(bring_up_to_date(services.database.engine, services.vault), err=True)
    click.echo(load_once(services, if_empty=True), err=True)


if __name__ == "__main__":
    try:
        prepare()
    except (click.ClickException, BadSetting) as problem:
        sys.exit(str(problem))
