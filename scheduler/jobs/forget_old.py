"""What is no longer needed goes: people's words after thirty days, notes about runs and reports after ten."""

from datetime import datetime, timedelta

from bot.services import Services
from models import job_runs
from models.messaging.forgetting import forget_reports, forget_words

WORDS_KEPT = timedelta(days=30)
NOTES_KEPT = timedelta(days=10)  # longer than any task's `catch_up`


def run(services: Services, now: datetime) -> str:
    blanked = 0
    while True:
        with services.database.transaction() as session:
            some = forget_words(session, now - WORDS_KEPT)
        blanked += some
        if not some:
            break
    with services.database.transaction() as session:
        reports = forget_reports(session, now - NOTES_KEPT)
        runs = job_runs.forget_old(session, now, NOTES_KEPT)
    return f"{blanked} messages blanked, {reports} reports and {runs} runs removed"
