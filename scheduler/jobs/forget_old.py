"""What is no longer needed goes: people's words after thirty days, notes about runs and reports after ten."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.services import Services
from models import job_runs
from models.messaging.forgetting import forget_reports, forget_words
from models.people import talks

WORDS_KEPT = timedelta(days=30)
NOTES_KEPT = timedelta(days=10)  # longer than any task's `catch_up`


def run(services: Services, now: datetime) -> str:
    blanked = sum(_blank(services, forget, now - WORDS_KEPT) for forget in (forget_words, talks.forget_words))
    with services.database.transaction() as session:
        reports = forget_reports(session, now - NOTES_KEPT)
        runs = job_runs.forget_old(session, now, NOTES_KEPT)
    return f"{blanked} messages blanked, {reports} reports and {runs} runs removed"


def _blank(services: Services, forget: Callable[[Session, datetime], int], before: datetime) -> int:
    """Some at a time, so that nobody waits long for the lock."""
    blanked = 0
    while True:
        with services.database.transaction() as session:
            some = forget(session, before)
        blanked += some
        if not some:
            return blanked
