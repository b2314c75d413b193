"""`serve-check`: what `make serve` asks before it starts anything."""

import click
from flask import current_app
from flask.cli import with_appcontext

from bot.config import BadSetting, refuse_unsafe
from bot.services import Services


@click.command("serve-check")
@with_appcontext
def serve_check() -> None:
    """Refuse settings that are missing or unsafe in production, by name."""
    services: Services = current_app.extensions["services"]
    try:
        refuse_unsafe(services.settings)
    except BadSetting as bad:
        raise click.ClickException(f"setting: {bad}") from None
