"""`flask run-job NAME [--at ISO]`: one timed task now, as if it were that time."""

from collections.abc import Callable, Sequence
from datetime import datetime

import click

from models.db import SHANGHAI


class Moment(click.ParamType[datetime]):
    """An ISO time; Asia/Shanghai if it names no zone."""

    name = "ISO-TIME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no time; write it like 2026-03-10T09:30", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(SHANGHAI)


def run_job_command(
    names: Sequence[str], run: Callable[[str, datetime], str], now: Callable[[], datetime]
) -> click.Command:
    """The command over a timetable: `run(name, moment)` gives the outcome, which begins with "failed" when it failed."""

    @click.command("run-job", help="Run one scheduler job now: " + ", ".join(names) + ".")
    @click.argument("name", type=click.Choice(list(names)))
    @click.option("--at", type=Moment(), help="As if it were this time (Asia/Shanghai if no zone is given).")
    def run_job(name: str, at: datetime | None) -> None:
        outcome = run(name, at or now())
        if outcome.startswith("failed"):
            raise click.ClickException(f"{name} {outcome}")
        click.echo(f"{name}: {outcome}")

    return run_job
