"""Starts the importer when an upload waits, and lets it be when it works. Looked at once a second."""

import logging
import subprocess
import sys
from datetime import datetime

from models.db import Database
from models.imports.queries import something_waits

log = logging.getLogger(__name__)

_COMMAND = (sys.executable, "-m", "scheduler.importer")


class Imports:
    """At most one importer of this scheduler at a time."""

    def __init__(self, database: Database, command: tuple[str, ...] = _COMMAND) -> None:
        self._database = database
        self._command = command
        self._running: subprocess.Popen[bytes] | None = None

    def look(self, now: datetime) -> None:
        if self._running is not None and self._running.poll() is None:
            return
        self._running = None
        with self._database.reading() as session:
            waits = something_waits(session, now)
        if waits:
            log.info("an importer begins")
            self._running = subprocess.Popen(self._command)  # noqa: S603 (our own program)

    def stop(self, seconds: float = 8) -> None:
        """Ask it to end. What it was reading begins anew elsewhere; what it was writing is written whole or not at all."""
        if self._running is None or self._running.poll() is not None:
            return
        self._running.terminate()
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
