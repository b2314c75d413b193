"""What time is it? Only entry points ask; everything else is told."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOCK_FILE = "clock.json"  # in the data folder: what the clock of a training set-up shows


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, in Asia/Shanghai (one zone for every rule, whatever the machine is set to)."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(SHANGHAI)


class FixedClock:
    """Stands still until it is moved: for tests and for commands that act "as if it were" some time."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(SHANGHAI)

    def now(self) -> datetime:
        return self._at

    def move(self, step: timedelta) -> None:
        self._at += step


class SharedClock:
    """The system's time plus an offset kept in a file, so that all processes of a training set-up move together.

    Only used with SIMULATOR=1. The file is read again when it changed, which costs one `stat` a question.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed_ns = -1
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(SHANGHAI) + self.offset()

    def offset(self) -> timedelta:
        try:
            changed_ns = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return timedelta()
        if changed_ns != self._changed_ns:
            self._offset = timedelta(seconds=json.loads(self._path.read_text())["offset_seconds"])
            self._changed_ns = changed_ns
        return self._offset

    def move(self, step: timedelta) -> None:
        """Move on (never back: the past has been written down)."""
        if step < timedelta():
            raise ValueError("a shared clock only moves forward")
        seconds = (self.offset() + step).total_seconds()
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps({"offset_seconds": seconds}))
        os.replace(fresh, self._path)
