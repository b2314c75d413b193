"""The one-time words that carry a login to WeChat and back: each is good once, for ten minutes."""

import hashlib
import logging
from datetime import timedelta
from typing import Any

log = logging.getLogger(__name__)

LIFE = timedelta(minutes=10)


class LoginStates:
    """Kept in Redis, beside the browser's own signed cookie, so that a word that was used cannot be used again.

    Without Redis, or while it is away, the cookie alone decides: every state is as good as the cookie says.
    """

    def __init__(self, server: Any | None = None) -> None:
        self._server = server

    def remember(self, state: str) -> None:
        if self._server is None:
            return
        from redis import RedisError  # noqa: PLC0415 (who has no Redis need not load it)

        try:
            self._server.set(_key(state), 1, ex=LIFE)
        except RedisError:
            log.warning("could not remember a login: Redis does not answer")

    def spend(self, state: str) -> bool:
        """True the first time within ten minutes. A state from while Redis was away counts as spent: the login begins once more."""
        if self._server is None:
            return True
        from redis import RedisError  # noqa: PLC0415 (who has no Redis need not load it)

        try:
            return bool(self._server.delete(_key(state)))
        except RedisError:
            log.warning("could not look a login up: Redis does not answer")
            return True


def _key(state: str) -> str:
    """Whoever reads Redis learns no state that could be used."""
    return f"linli:login:{hashlib.sha256(state.encode()).hexdigest()}"
