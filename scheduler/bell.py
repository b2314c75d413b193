"""The bell: APScheduler rings it every second, and that is all APScheduler does.

It knows no job and keeps none: what is due is worked out from our own clock each time it rings, so a clock that jumps,
a machine that slept and a ring that was lost change nothing but the moment of looking. And because APScheduler's own
rings stop when the system's clock is set back, waiting also ends by itself after a while of real time.
"""

import threading

from apscheduler.schedulers.background import BackgroundScheduler

from models.db import SHANGHAI

LONGEST_SILENCE = 5.0  # seconds of real time


class Bell:
    def __init__(self) -> None:
        self._rung = threading.Event()
        self._scheduler = BackgroundScheduler(timezone=SHANGHAI)
        self._scheduler.add_job(
            self._rung.set, "interval", seconds=1, coalesce=True, max_instances=1, misfire_grace_time=None
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    def wait(self) -> None:
        """Until the next ring."""
        self._rung.wait(LONGEST_SILENCE)
        self._rung.clear()
