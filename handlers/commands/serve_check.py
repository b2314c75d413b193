"""`serve-check`: what `make serve` asks before it starts anything."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from bot.config import BadSetting, refuse_unsafe
from bot.hearing import SenseVoice
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
    _refuse_deaf(services.settings.speech_model)


def _refuse_deaf(speech_model: str) -> None:
    """A model that is set must be there with the packages that run it: nobody should wait for words that never come."""
    if not speech_model:
        return
    try:
        SenseVoice(Path(speech_model))
    except ImportError as missing:
        raise click.ClickException(
            f"setting: SPEECH_MODEL needs {missing.name}: pip install -r requirements-speech.txt"
        ) from None
    except (OSError, ValueError, RuntimeError) as wrong:
        raise click.ClickException(f"setting: SPEECH_MODEL: {wrong}") from None
