"""Sends prepared requests over kept-alive connections and notes how long each answer took. One thread, no dependencies.

`as_fast_as_it_can` keeps every connection busy (the top rate); `at_a_rate` sends on a timetable, whatever has come back, and
counts the waiting from when a request was due (the answer times people would see).
"""

import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
CONNECTIONS = 32
PATIENCE = 5.0  # seconds for the last answers; WeChat itself would hang up then


@dataclass
class Measured:
    """`waits` are seconds, of right answers. `wrong` are those that never came, are not 200 or do not say what was expected."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    wrong: int = 0

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class _Line:
    """One connection: at most one request on it at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self.answer = b""

    def send(self, request: bytes, since: float) -> None:
        self.since, self.answer = since, b""
        self.socket.sendall(request)

    def heard(self) -> bytes | None:
        """The whole answer, or None while more is to come. Raises ConnectionError when the server hung up."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server hung up")
        self.answer += part
        head, found, body = self.answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or length is None or len(body) < int(length.group(1)):
            return None
        return self.answer


class _Lines:
    def __init__(self, port: int, expected: bytes) -> None:
        self._port, self._expected = port, expected
        self._waiting = selectors.DefaultSelector()
        self.idle: deque[_Line] = deque()
        self.busy = 0
        for _ in range(CONNECTIONS):
            self._open()

    def _open(self) -> None:
        line = _Line(self._port)
        self._waiting.register(line.socket, selectors.EVENT_READ, line)
        self.idle.append(line)

    def send(self, request: bytes, since: float) -> None:
        self.idle.popleft().send(request, since)
        self.busy += 1

    def collect(self, into: Measured, timeout: float) -> None:
        for key, _ in self._waiting.select(timeout):
            line: _Line = key.data
            try:
                answer = line.heard()
            except OSError:
                self._waiting.unregister(line.socket)
                line.socket.close()
                into.wrong += 1
                self.busy -= 1
                self._open()
                continue
            if answer is None:
                continue
            if answer.startswith(b"HTTP/1.1 200") and self._expected in answer:
                into.waits.append(time.perf_counter() - line.since)
            else:
                into.wrong += 1
            self.busy -= 1
            self.idle.append(line)

    def close(self) -> None:
        for key in list(self._waiting.get_map().values()):
            key.data.socket.close()
        self._waiting.close()


def as_fast_as_it_can(port: int, requests: Sequence[bytes], seconds: float, expected: bytes) -> Measured:
    """Ends after `seconds` or with the requests, whichever comes first."""
    return _measure(port, requests, seconds, expected, due=lambda sent, since: 0.0)


def at_a_rate(port: int, requests: Sequence[bytes], rate: float, seconds: float, expected: bytes) -> Measured:
    return _measure(port, requests, seconds, expected, due=lambda sent, since: since + sent / rate)


def _measure(
    port: int, requests: Sequence[bytes], seconds: float, expected: bytes, due: Callable[[int, float], float]
) -> Measured:
    measured, lines, sent = Measured(), _Lines(port, expected), 0
    begun = time.perf_counter()
    try:
        while True:
            now = time.perf_counter()
            over = now - begun >= seconds or sent == len(requests)
            if over and (not lines.busy or now - begun >= seconds + PATIENCE):
                break
            while not over and lines.idle and sent < len(requests) and (at := due(sent, begun)) <= now:
                lines.send(requests[sent], at or now)
                sent += 1
            pause = 1.0 if over or not lines.idle else max(0.0, due(sent, begun) - now) if sent < len(requests) else 1.0
            lines.collect(measured, min(pause, 1.0))
    finally:
        lines.close()
    measured.wrong += lines.busy  # never answered
    measured.seconds = time.perf_counter() - begun
    return measured
