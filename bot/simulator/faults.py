"""Misbehaving on demand, so that the product can be seen to cope."""

import threading
from dataclasses import asdict, dataclass

KINDS = (
    "timeout_before",  # nothing happens, and no answer comes
    "timeout_after",  # it happens, and no answer comes
    "502",
    "busy",  # errcode -1
    "45009",
    "40001_once",
    "40001_always",
    "half_body",  # it happens, and the answer breaks off in the middle
    "unsigned",  # WeChat Pay: it happens, and the answer is signed by nobody
    # Of a notice of WeChat Pay, by the path it goes to:
    *("lost", "three_times", "late", "wrong_amount", "old_timestamp", "unknown_serial", "probe"),
    "abnormal",  # a refund (path "refund"): accepted, and then the money cannot reach the payer; a charge (path "charge"): no money
    "slow",  # it happens, but only after `seconds`
)


@dataclass
class Fault:
    path: str
    kind: str
    times: int
    seconds: float = 0.0


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, path: str, kind: str, times: int = 1, seconds: float = 3.0) -> None:
        """The next `times` calls of `path` go wrong in the way of `kind` (40001_always: all, until cleared)."""
        if kind not in KINDS:
            raise ValueError(f"a fault is one of {', '.join(KINDS)}")
        with self._lock:
            self._waiting.append(Fault(path, kind, 1 if kind == "40001_once" else times, seconds))

    def take(self, path: str) -> Fault | None:
        """The fault the call that is just coming in must suffer."""
        with self._lock:
            fault = next((each for each in self._waiting if each.path == path), None)
            if fault is not None and fault.kind != "40001_always":
                fault.times -= 1
                self._waiting = [each for each in self._waiting if each.times > 0]
            return fault

    def clear(self) -> None:
        with self._lock:
            self._waiting = []

    def waiting(self) -> list[dict[str, object]]:
        with self._lock:
            return [asdict(fault) for fault in self._waiting]
