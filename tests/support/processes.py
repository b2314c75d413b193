"""Processes of a test's own, to be killed, stopped and ended at any moment.

They are forked from one that has loaded everything already (tests/support/lanes.py), so a fresh one is at work within
milliseconds. What a process says is kept by the pipe, whatever becomes of the process.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["tests.support.lanes", "tests.support.senders", "tests.support.schedulers", "tests.support.starved"]
)

Say = Callable[[Any], None]


class Child:
    """Runs `work(say, *arguments)` in a process of its own. `work` must be importable and its arguments plain values."""

    def __init__(self, work: Callable[..., None], *arguments: Any) -> None:
        self.ear, mouth = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_begin, args=(work, mouth, arguments), daemon=True)
        self._process.start()
        mouth.close()

    def hear(self, timeout: float) -> list[Any]:
        """What it has said since the last time; waits up to `timeout` seconds for the first word.

        Fails when it has ended by itself with an exception (that is on stderr).
        """
        heard = self._words(timeout)
        assert self._process.exitcode in (None, 0), f"it ended by itself with exit code {self._process.exitcode}"
        return heard

    def kill(self) -> list[Any]:
        """End it here and now; returns what it still managed to say."""
        self._signal(signal.SIGKILL)
        return self._rest()

    def end(self, within: float = 15.0) -> list[Any]:
        """Ask it to end (SIGTERM); returns what it still said. Fails when it takes longer than `within` seconds."""
        self._signal(signal.SIGTERM)
        self._process.join(within)
        assert not self._process.is_alive(), f"it did not end within {within} seconds"
        return self._rest()

    def wait(self, within: float) -> list[Any]:
        """Until it ends by itself."""
        rest = []
        end = time.monotonic() + within
        while self._process.is_alive() and time.monotonic() < end:
            rest += self._words(0.05)
        assert not self._process.is_alive(), "it did not end in time"
        return rest + self._rest()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    @property
    def exitcode(self) -> int | None:
        return self._process.exitcode

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def _signal(self, number: signal.Signals) -> None:
        pid = self._process.pid
        if pid is not None and self._process.is_alive():
            os.kill(pid, number)

    def _rest(self) -> list[Any]:
        self._process.join()
        rest = self._words(0.0)
        self.ear.close()
        return rest

    def _words(self, timeout: float) -> list[Any]:
        words = []
        try:
            while self.ear.poll(timeout):
                words.append(self.ear.recv())
                timeout = 0.0
        except (EOFError, OSError):  # it is gone; half a word may have been left behind
            pass
        return words


class Children:
    """Some children at once; whatever happens in the block, none of them outlives it."""

    def __init__(self) -> None:
        self._all: list[Child] = []

    def begin(self, work: Callable[..., None], *arguments: Any) -> Child:
        self._all.append(Child(work, *arguments))
        return self._all[-1]

    def __enter__(self) -> "Children":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for child in self._all:
            if child.is_alive():
                child.kill()


def together(children: Sequence[Child], within: float) -> list[list[Any]]:
    """Wait until all of them end; what each has said."""
    return [child.wait(within) for child in children]


def _begin(work: Callable[..., None], mouth: Connection, arguments: Sequence[Any]) -> None:
    work(mouth.send, *arguments)
