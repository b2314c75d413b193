"""Ledgers are other people's names and phones: what nobody works with any more goes, the night after."""

from datetime import datetime

from bot.services import Services
from models.imports.forgetting import forget_changes, forget_files, forget_findings
from models.people import desk_logins
from scheduler.importer import FOLDER


def run(services: Services, now: datetime) -> str:
    folder = services.settings.data_dir / FOLDER
    files = 0
    while True:
        with services.database.transaction() as session:
            names = forget_files(session, now)
        for name in names:
            (folder / name).unlink(missing_ok=True)
        files += len(names)
        if not names:
            break
    with services.database.transaction() as session:
        changes = forget_changes(session, now)
        blanked = forget_findings(session, now)
        logins = desk_logins.forget_old(session, now)
    return f"{files} files, {changes} old values and {logins} logins removed, {blanked} findings blanked"
