"""Several at the same moment: each on a thread of its own."""

import threading
from collections.abc import Callable, Sequence, Sized
from typing import Any

PATIENCE = 30.0  # seconds a thread waits for the others


def at_once(acts: Sequence[Callable[[], Any]], *, meeting: threading.Barrier | None = None) -> list[Any]:
    """All start together; what they return, in their order. What one raises is raised here.

    `meeting`: where they wait for each other on the way. When one of them breaks nobody waits there any longer.
    """
    start = threading.Barrier(len(acts))
    told: list[Any] = [None] * len(acts)
    broken: list[BaseException] = []

    def run(which: int) -> None:
        try:
            start.wait(PATIENCE)
            told[which] = acts[which]()
        except BaseException as error:
            if not (broken and isinstance(error, threading.BrokenBarrierError)):
                broken.append(error)
            for barrier in (start, meeting):
                if barrier is not None:
                    barrier.abort()

    threads = [threading.Thread(target=run, args=(which,)) for which in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return told


def wait_for_line(line: Sized, length: int) -> None:
    """Return when so many stand in line."""
    for _ in range(50_000_000):
        if len(line) >= length:
            return
    raise AssertionError("nobody stands in line")
