"""A process that serves WeChat while it runs short of something: room on the disk, open files, somewhere to log to."""

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.door import Door, open_door

WORDS = "厨房水管漏水了"


def short_of_room(say: Callable[[Any], None], folder: str, database_url: str, openid: str) -> None:
    """No file may grow any more, as on a full disk; then there is room again."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def take_away() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (_largest(Path(folder)), resource.RLIM_INFINITY))

    _serve(say, folder, database_url, openid, take_away, resource.RLIMIT_FSIZE)


def short_of_files(say: Callable[[Any], None], folder: str, database_url: str, openid: str) -> None:
    """Not one more file or connection can be opened; then they can."""

    def take_away() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (_next_free(), resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

    _serve(say, folder, database_url, openid, take_away, resource.RLIMIT_NOFILE)


def nowhere_to_log(say: Callable[[Any], None], folder: str, database_url: str, openid: str) -> None:
    """The disk that the log goes to is full."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), 2)
    with open_door(Path(folder), database_url) as door:
        say([door.says(openid, WORDS).status, door.says(openid, "我的报修").status])


def _serve(
    say: Callable[[Any], None],
    folder: str,
    database_url: str,
    openid: str,
    take_away: Callable[[], None],
    what: int,
) -> None:
    with open_door(Path(folder), database_url) as door:
        before = resource.getrlimit(what)
        say(door.says(openid, "我的报修").status)
        push = door.message(openid, WORDS)
        _close_connections(door)
        take_away()
        starved = [door.deliver(push).status for _ in range(2)]
        resource.setrlimit(what, before)
        say(starved)
        say(door.deliver(push).status)


def _close_connections(door: Door) -> None:
    """The next message needs a new one, as when the pool has grown or the database was away."""
    door.services.database.engine.dispose()


def _largest(folder: Path) -> int:
    """What the write-ahead log is written to may not grow beyond what is there; the database itself is as it is."""
    return min(path.stat().st_size for path in folder.glob("demo.db*") if path.stat().st_size) // 2


def _next_free() -> int:
    number = os.open("/dev/null", os.O_RDONLY)
    os.close(number)
    return number
