"""Web pages asking who is looking at them. Source: D/service/guide/h5 (snsapi_base)."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from bot.simulator.errors import ApiError

CODE_LIFE = timedelta(minutes=5)
ORDER = ["appid", "redirect_uri", "response_type", "scope", "state"]  # The platform insists on this order.


@dataclass
class Code:
    openid: str
    scope: str
    made_at: datetime
    used: bool = False


class OAuth:
    """Codes live in memory: five minutes are not worth keeping."""

    def __init__(self, appid: str) -> None:
        self._appid = appid
        self._codes: dict[str, Code] = {}

    def complaint(self, pairs: Sequence[tuple[str, str]]) -> str:
        """What is wrong with an authorize address ("" for nothing); the real page just shows an error to the person."""
        given = dict(pairs)
        if [name for name, _value in pairs] != ORDER:
            return f"parameters must be {', '.join(ORDER)} in this order"
        if given["appid"] != self._appid:
            return "unknown appid"
        if given["response_type"] != "code" or given["scope"] not in ("snsapi_base", "snsapi_userinfo"):
            return "response_type must be code and scope snsapi_base or snsapi_userinfo"
        if not re.fullmatch(r"[a-zA-Z0-9]{0,128}", given["state"]):
            return "state may only have letters and digits, at most 128"
        if urlsplit(given["redirect_uri"]).scheme not in ("http", "https"):
            return "redirect_uri must be an http address"
        return ""

    def grant(self, openid: str, scope: str, redirect_uri: str, state: str, now: datetime) -> str:
        """The address the browser is sent back to, with a code."""
        code = secrets.token_hex(16)
        self._codes[code] = Code(openid, scope, now)
        joint = "&" if urlsplit(redirect_uri).query else "?"
        return f"{redirect_uri}{joint}{urlencode({'code': code, 'state': state})}"

    def redeem(self, value: str, now: datetime) -> dict[str, object]:
        """Raises ApiError 40029 (unknown), 40163 (used) or 42003 (older than five minutes)."""
        code = self._codes.get(value)
        if code is None:
            raise ApiError(40029)
        if code.used:
            raise ApiError(40163)
        if now - code.made_at >= CODE_LIFE:
            raise ApiError(42003)
        code.used = True
        return {
            "access_token": secrets.token_urlsafe(48),
            "expires_in": 7200,
            "refresh_token": secrets.token_urlsafe(48),
            "openid": code.openid,
            "scope": code.scope,
        }
