"""`migrate`: bring the database to the newest version."""

import time

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from bot.services import Services
from models import migrations
from models.errors import Refusal
from models.vault import Vault

TRIES = 10
PAUSE = 1.0  # seconds between two tries, so that those who hold the tables can finish


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest version. Changes nothing when it is there already; safe to start twice at once."""
    services: Services = current_app.extensions["services"]
    click.echo(bring_up_to_date(services.database.engine, services.vault))


def bring_up_to_date(engine: sa.Engine, vault: Vault) -> str:
    """Migrate if need be; returns what was done, in one line. Raises ClickException when the database cannot be had."""
    for left in reversed(range(TRIES)):
        try:
            before = migrations.version_of(engine)
            if before != migrations.newest():
                migrations.upgrade(engine, seal=vault.seal)
            break
        except Refusal as no_key:
            raise click.ClickException(no_key.message) from None
        except OperationalError as busy:
            if left == 0:
                why = str(busy.orig).splitlines()[0]
                raise click.ClickException(f"the database is busy or cannot be reached: {why}") from busy
            time.sleep(PAUSE)
    now = migrations.version_of(engine)
    return f"database: {now}" if before == now else f"database: {before or 'empty'} → {now}"
