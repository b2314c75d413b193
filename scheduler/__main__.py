"""`python -m scheduler`: the process in which time passes. It sends what was promised and runs the timetable.

Any number of them may run; they share the work through the database. SIGTERM ends it after what is in hand.
"""

import logging
import signal
import sys
from collections.abc import Callable
from types import FrameType
from uuid import uuid4

from bot.config import BadSetting, load_settings
from bot.logs import set_up
from bot.sender import SenderLoop
from bot.services import Services, build_services
from models.kinds import all_kinds
from scheduler.bell import Bell
from scheduler.imports import Imports
from scheduler.media_fetcher import FetcherLoop, fetcher_of
from scheduler.runner import Runner
from scheduler.senders import build_sender
from scheduler.timetable import TIMETABLE

log = logging.getLogger("scheduler")


class Ending:
    """Set by SIGTERM and Ctrl-C. A plain flag: a signal may come while a lock is held, so it must not take one."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True

    def __call__(self) -> bool:
        return self.asked


def main() -> None:
    try:
        settings = load_settings()
    except BadSetting as bad:
        sys.exit(f"setting: {bad}")
    set_up(settings.log_level)
    services = build_services(settings)
    if problems := services.renderer.check_words(all_kinds()):
        sys.exit("words: " + "; ".join(problems))
    serve(services, Ending())


def serve(services: Services, ending: Callable[[], bool]) -> None:
    """Until `ending` says so: what is in hand is finished, the rest is left to others."""
    sender = build_sender(services, services.clock.now, f"sender-{uuid4().hex[:12]}")
    sending = SenderLoop(sender, services.wakeup)
    fetching = FetcherLoop(fetcher_of(services, services.clock.now), services.media_wakeup)
    runner, bell = Runner(services, TIMETABLE), Bell()
    imports = Imports(services.database)
    sending.start()
    fetching.start()
    bell.start()
    log.info("scheduler started")
    while not ending():
        try:
            runner.run_due(services.clock.now(), ending)
            imports.look(services.clock.now())
        except Exception:
            # The database is away, most likely. The periods are still due when it is back.
            log.exception("the scheduler stumbled and goes on")
        bell.wait()
    bell.stop()
    imports.stop()
    fetching.stop()
    sending.stop()
    services.database.close()
    log.info("scheduler ended")


if __name__ == "__main__":
    main()
