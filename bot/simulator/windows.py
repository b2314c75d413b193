"""How many customer-service messages an account may send to a person right now.

Source: D/offiaccount/Customer_Service/Customer_Service_Messages.html. That a new trigger renews its own count is how the
page reads; different triggers stand beside each other, and the one that ends first is spent first.
"""

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.simulator.errors import ApiError
from bot.simulator.store import Shelf, Store

UNLIMITED = -1
TRIGGERS = {
    "message": (5, timedelta(hours=48)),
    "menu": (3, timedelta(minutes=1)),
    "follow": (3, timedelta(minutes=1)),
    "scan": (3, timedelta(minutes=1)),
    "payment": (UNLIMITED, timedelta(hours=48)),
}


@dataclass(frozen=True)
class Window:
    openid: str
    trigger: str
    left: int
    ends_at: datetime


class Windows:
    def __init__(self, store: Store) -> None:
        self._windows: Shelf[Window] = Shelf(store, "windows", Window)
        self._lock = threading.Lock()  # A message may renew a window while an answer is being counted.

    def open(self, openid: str, trigger: str, now: datetime) -> None:
        count, lasts = TRIGGERS[trigger]
        with self._lock:
            self._windows.put(f"{openid} {trigger}", Window(openid, trigger, count, now + lasts))

    def close(self, openid: str) -> None:
        for trigger in TRIGGERS:
            self._windows.drop(f"{openid} {trigger}")

    def spend(self, openid: str, now: datetime) -> None:
        """Take one message. Raises ApiError 45015 outside every window, 45047 when the open ones are used up."""
        with self._lock:
            opened = self._opened(openid, now)
            if not opened:
                raise ApiError(45015)
            usable = [window for window in opened if window.left != 0]
            if not usable:
                raise ApiError(45047)
            window = min(usable, key=lambda each: each.ends_at)
            if window.left != UNLIMITED:
                self._windows.put(f"{openid} {window.trigger}", replace(window, left=window.left - 1))

    def left(self, openid: str, now: datetime) -> int:
        """How many more could be sent now; UNLIMITED for any number."""
        counts = [window.left for window in self._opened(openid, now)]
        return UNLIMITED if UNLIMITED in counts else sum(counts)

    def _opened(self, openid: str, now: datetime) -> list[Window]:
        kept = (self._windows.get(f"{openid} {trigger}") for trigger in TRIGGERS)
        return [window for window in kept if window is not None and now < window.ends_at]
