"""Work of one kind that comes while some of it is being done is done in one go after it: ten commits at once cost little more than one."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

Work = TypeVar("Work")


@dataclass(eq=False)
class _Ticket(Generic[Work]):
    """Somebody's work, until it is done or it is their turn to do it, with what others brought (`leads`)."""

    work: Work
    called: threading.Event = field(default_factory=threading.Event)
    leads: "list[_Ticket[Work]]" = field(default_factory=list)
    is_done: bool = False


class Together(Generic[Work]):
    """`do` is given several pieces of work and says of each whether it is done. It should wait for nobody: all others wait for it.

    There is no thread for it. Who comes first does what is there, calls the next in line to do what has come meanwhile, and goes.
    """

    def __init__(self, do: Callable[[Sequence[Work]], Sequence[bool]], *, at_most: int, patience: float) -> None:
        """`at_most` pieces in one go; `patience`: seconds somebody stands in line."""
        self._do = do
        self._at_most = at_most
        self._patience = patience
        self._lock = threading.Lock()
        self._line: deque[_Ticket[Work]] = deque()
        self._is_busy = False

    def __call__(self, work: Work) -> bool:
        """Was it done? If not, whoever brought it does it alone. Raises what `do` raises over this piece alone."""
        mine = _Ticket(work)
        with self._lock:
            if self._is_busy:
                self._line.append(mine)
            else:
                self._is_busy = True
                mine.leads = [mine]
        if not mine.leads and not self._waits(mine):
            return False
        if mine.leads:
            self._lead(mine.leads)
        return mine.is_done

    def _waits(self, mine: _Ticket[Work]) -> bool:
        """False when nobody came to it in time."""
        if not mine.called.wait(self._patience):
            with self._lock:
                if mine in self._line:
                    self._line.remove(mine)
                    return False
            mine.called.wait()  # it is just being done
        return True

    def _lead(self, tickets: "list[_Ticket[Work]]") -> None:
        try:
            for ticket, is_done in zip(tickets, self._do([ticket.work for ticket in tickets]), strict=True):
                ticket.is_done = is_done
        except Exception:
            if len(tickets) == 1:
                raise
            log.warning("done together it failed: each is done alone", exc_info=True)
        finally:
            for ticket in tickets[1:]:
                ticket.called.set()
            self._call_next()

    def _call_next(self) -> None:
        with self._lock:
            leads = [self._line.popleft() for _ in range(min(len(self._line), self._at_most))]
            self._is_busy = bool(leads)
        if leads:
            leads[0].leads = leads
            leads[0].called.set()
