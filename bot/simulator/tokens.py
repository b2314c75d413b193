"""Access tokens: how long they live, what replaces them, how often they may be asked for.

Source: D/subscription/api/base/api_getstableaccesstoken.html, D/service/en/Basic_Information/Get_access_token.html.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.simulator.errors import ApiError
from bot.simulator.store import Shelf, Store

LIFE = timedelta(seconds=7200)
GRACE = timedelta(minutes=5)  # What a token replaced through /token still has; also how early a stable one is renewed.
FORCED_PER_DAY = 20
FORCED_APART = timedelta(seconds=30)


@dataclass(frozen=True)
class Token:
    value: str
    family: str  # "token" or "stable": the two ways do not disturb each other.
    made_at: datetime
    ends_at: datetime
    replaced: bool = False
    forced: bool = False


class Tokens:
    def __init__(self, store: Store, shelf: str) -> None:
        self._tokens: Shelf[Token] = Shelf(store, shelf, Token)

    def fresh(self, now: datetime) -> tuple[str, int]:
        """GET /cgi-bin/token: always a new one, and five more minutes for the one before. (token, seconds it lives)."""
        self._replace("token", now + GRACE)
        return self._make("token", now).value, int(LIFE.total_seconds())

    def stable(self, now: datetime, *, force: bool) -> tuple[str, int]:
        """POST /cgi-bin/stable_token: the same one until five minutes before its end. (token, seconds it still lives).

        With `force` a new one that ends the old at once: 20 times a day (ApiError 45009), 30 seconds apart (45011).
        """
        if force:
            self._allow_forced(now)
            self._replace("stable", now)
            token = self._make("stable", now, forced=True)
        else:
            usable = [t for t in self._family("stable") if not t.replaced and t.ends_at - now > GRACE]
            token = usable[-1] if usable else self._make("stable", now)
        return token.value, int((token.ends_at - now).total_seconds())

    def check(self, value: str, now: datetime) -> None:
        """Raise ApiError 41001 (none given), 40001 (unknown or replaced) or 42001 (too old)."""
        if not value:
            raise ApiError(41001)
        token = self._tokens.get(value)
        if token is None or (token.replaced and now >= token.ends_at):
            raise ApiError(40001)
        if now >= token.ends_at:
            raise ApiError(42001)

    def _allow_forced(self, now: datetime) -> None:
        forced = [t.made_at for t in self._family("stable") if t.forced and t.made_at.date() == now.date()]
        if len(forced) >= FORCED_PER_DAY:
            raise ApiError(45009)
        if forced and now - max(forced) < FORCED_APART:
            raise ApiError(45011)

    def _family(self, family: str) -> list[Token]:
        return [token for token in self._tokens.all() if token.family == family]

    def _replace(self, family: str, ends_at: datetime) -> None:
        for token in self._family(family):
            if token.ends_at > ends_at:
                self._tokens.put(token.value, replace(token, ends_at=ends_at, replaced=True))

    def _make(self, family: str, now: datetime, *, forced: bool = False) -> Token:
        for old in self._tokens.all():
            if now - old.made_at > timedelta(days=2):
                self._tokens.drop(old.value)
        token = Token(
            f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}", family, now, now + LIFE, forced=forced
        )
        self._tokens.put(token.value, token)
        return token
