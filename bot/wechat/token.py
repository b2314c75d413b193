"""The access token: fetched once for all processes, kept in Redis, renewed only when it is stale (reference 3.7).

`stable_token` answers with the same token until five minutes before its end, so asking twice does no harm. That is
what makes losing Redis merely slower: each process then keeps its own copy.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import requests
from redis import Redis
from redis.exceptions import LockError, RedisError

from bot.clock import Clock
from bot.wechat.errors import Consequence, WeChatError
from bot.wechat.transport import TIMEOUT, answer_of, post_json

logger = logging.getLogger(__name__)

_LOCK_SECONDS = 15  # longer than the slowest fetch: 3 s to connect, 5 s to read
_WAIT_SECONDS = 10


class TokenProvider:
    """One account's token. Safe to share between threads; processes share through Redis."""

    def __init__(
        self, appid: str, secret: str, api_base: str, *, redis: Redis | None, http: requests.Session, clock: Clock
    ) -> None:
        self._appid = appid
        self._secret = secret
        self._url = f"{api_base.rstrip('/')}/cgi-bin/stable_token"
        self._redis = redis
        self._http = http
        self._clock = clock
        self._key = f"wechat:{appid}:token"
        self._thread_lock = threading.Lock()
        self._own: tuple[str, datetime] | None = None
        self._failed: tuple[float, WeChatError] | None = None

    def current(self) -> str:
        """The token. Raises WeChatError when there is none and none can be fetched."""
        return self._kept() or self._refresh(stale="")

    def renew(self, stale: str) -> str:
        """A token to go on with after WeChat refused `stale`. Only the first to ask fetches; the rest get its token."""
        return self._refresh(stale)

    def _refresh(self, stale: str) -> str:
        asked = time.monotonic()
        with self._thread_lock, self._process_lock():
            kept = self._kept()
            if kept and kept != stale:
                return kept
            self._share_failure_since(asked)
            try:
                token, lifetime = self._fetch()
            except WeChatError as error:
                self._failed = (time.monotonic(), error)
                raise
            self._keep(token, lifetime)
            return token

    def _share_failure_since(self, asked: float) -> None:
        """Whoever has waited for a fetch that failed shares its failure, instead of waiting for one more each."""
        if self._failed is not None and self._failed[0] > asked:
            failed = self._failed[1]
            raise WeChatError(failed.errcode, failed.text, failed.consequence)

    def _fetch(self) -> tuple[str, timedelta]:
        body = {
            "grant_type": "client_credential",
            "appid": self._appid,
            "secret": self._secret,
            "force_refresh": False,  # forcing would take the token away from whoever is using it right now
        }
        answer = answer_of(post_json(self._http, self._url, body, timeout=TIMEOUT))
        errcode, token, seconds = answer.get("errcode", 0), answer.get("access_token"), answer.get("expires_in")
        if errcode:
            raise WeChatError(errcode, str(answer.get("errmsg", "")))
        if not (isinstance(token, str) and token and isinstance(seconds, int) and seconds > 0):
            raise WeChatError(0, "no token in the answer", Consequence.NOT_REACHED)
        # Five minutes before the end WeChat hands out the next one; both are good until then.
        return token, timedelta(seconds=seconds - min(300, seconds // 10))

    def _kept(self) -> str:
        if self._redis is not None:
            try:
                return _text(self._redis.get(self._key))
            except RedisError as error:
                logger.warning("token: Redis does not answer, using this process's copy: %s", type(error).__name__)
        if self._own is None or self._own[1] <= self._clock.now():
            return ""
        return self._own[0]

    def _keep(self, token: str, lifetime: timedelta) -> None:
        self._own = (token, self._clock.now() + lifetime)
        if self._redis is not None:
            try:
                self._redis.set(self._key, token, px=lifetime)
            except RedisError as error:
                logger.warning("token: could not be shared: %s", type(error).__name__)

    @contextmanager
    def _process_lock(self) -> Iterator[None]:
        """Waits for whoever fetches already; without Redis, or when waiting takes too long, goes on unlocked."""
        lock = None
        if self._redis is not None:
            lock = self._redis.lock(f"{self._key}:lock", timeout=_LOCK_SECONDS, blocking_timeout=_WAIT_SECONDS)
            try:
                lock = lock if lock.acquire() else None
            except RedisError:
                lock = None
        try:
            yield
        finally:
            if lock is not None:
                try:
                    lock.release()
                except (LockError, RedisError):
                    logger.info("token: the lock had run out")


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value or "")
