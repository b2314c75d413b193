"""`migrate`: bring the database to the newest version."""

import time

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from bot.services import Services
from models import migrations

TRIES = 10
PAUSE = 1.0  # seconds between two tries, so that those who hold the tables can finish


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest version. Changes nothing when it is there already; safe to start twice at once."""
    services: Services = current_app.extensions["services"]
    engine = services.database.engine
    for left in reversed(range(TRIES)):
        try:
            before = migrations.version_of(engine)
            if before != migrations.newest():
                migrations.upgrade(engine)
            break
        except OperationalError as busy:
            if left == 0:
                raise click.ClickException(
                    f"the database is busy or cannot be reached: {str(busy.orig).splitlines()[0]}"
                ) from busy
            time.sleep(PAUSE)
    now = migrations.version_of(engine)
    click.echo(f"database: {now}" if before == now else f"database: {before or 'empty'} → {now}")
