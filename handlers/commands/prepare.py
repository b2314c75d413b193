"""`prepare`: what `make run` does before it starts, in one go because a newcomer is waiting."""

import click
from flask.cli import with_appcontext

from handlers.commands.demo import demo
from handlers.commands.migrate import migrate


@click.command("prepare")
@click.pass_context
@with_appcontext
def prepare(context: click.Context) -> None:
    """Bring the database to the newest version, and load the demo when there is no company in it."""
    context.invoke(migrate)
    context.invoke(demo, if_empty=True)
