"""A bell between processes: who has written down work rings, and whoever does it wakes at once instead of at its next look.

A lost ring costs a second and nothing else, so ringing and waiting never fail.
"""

import logging
import threading
import time
from typing import Any

log = logging.getLogger(__name__)

# Seconds without ringing after Redis did not answer: whoever is served must not wait for it again and again.
_QUIET = 5.0

# Seconds of one listening. The connection gives up after twice that (bot/services.py), and a listener it gave up on would be deaf.
LONGEST = 1.0


class Wakeup:
    """Across processes with Redis; without it, or while it is away, within this process."""

    def __init__(self, server: Any | None = None, work: str = "outbox") -> None:
        self._server = server
        self._key = f"linli:wakeup:{work}"
        self._rung = threading.Event()
        self._quiet_until = 0.0

    def ring(self) -> None:
        self._rung.set()
        if self._server is None or time.monotonic() < self._quiet_until:
            return
        from redis import RedisError  # noqa: PLC0415 (who has no Redis need not load it)

        try:
            with self._server.pipeline(transaction=False) as together:
                # One ring is as good as ten: the list never holds more than one, whoever takes it finds all there is.
                together.lpush(self._key, 1).ltrim(self._key, 0, 0).execute()
        except RedisError:
            self._quiet_until = time.monotonic() + _QUIET
            log.warning("could not ring: Redis does not answer")

    def wait(self, timeout: float) -> bool:
        """Until somebody rings, at most `timeout` seconds and never longer than LONGEST at a time; True if somebody did."""
        timeout = min(timeout, LONGEST)
        if self._server is not None:
            from redis import RedisError  # noqa: PLC0415 (who has no Redis need not load it)

            try:
                heard = self._server.blpop([self._key], timeout=timeout) is not None
            except RedisError:
                log.debug("could not listen: Redis does not answer")
            else:
                self._rung.clear()
                return heard
        heard = self._rung.wait(timeout)
        self._rung.clear()
        return heard
