"""Signing in inside WeChat: the silent login. A browser is sent to WeChat and comes back with a code that says who it is.

The state that travels along is bound to this browser by its signed cookie and good once (bot/login_states.py), so nobody can
be signed in by a link somebody else prepared. Where the person wanted to go travels in the cookie and never in an address.
"""

import re
import secrets
from datetime import datetime
from typing import Any

from flask import redirect, render_template
from flask import session as cookie
from werkzeug.wrappers import Response

from bot.login_states import LIFE
from bot.services import Services
from bot.wechat.errors import Consequence, WeChatError
from handlers.signed_in import sign_in, signed_in
from models.errors import Refusal

CALLBACK = "/m/login"
HOME = "/m/"

_PENDING, _CAME_FROM = "logins", "came"
_AT_ONCE = 4  # logins one browser may have under way: pages opened side by side
# Where a login may lead: our own pages, in letters that no browser reads in two ways.
_OUR_PAGE = re.compile(r"/(?:m|q|desk)/(?:[A-Za-z0-9_-]+/?)*(?:\?[A-Za-z0-9_=&-]*)?")
_LONGEST = 200

AGAIN = "刚才没有认出您是谁，请再点一次。"
SILENT = "微信现在没有答复，请过一会儿再点一次。"


def safe_back(path: str) -> str:
    """`path` if it is a page of ours, else the front page."""
    if len(path) <= _LONGEST and _OUR_PAGE.fullmatch(path) and not path.startswith(CALLBACK):
        return path
    return HOME


def begin(services: Services, back: str, *, again: bool = False) -> Response:
    """Send the browser to WeChat; afterwards it is led to `back`. `again` says that this is a second try."""
    state = secrets.token_hex(16)
    pending = {
        "state": state,
        "back": safe_back(back),
        "at": int(services.clock.now().timestamp()),
        "again": again,
    }
    cookie[_PENDING] = [*_pending(), pending][-_AT_ONCE:]
    services.login_states.remember(state)
    return redirect(services.oauth.authorize_url(f"{services.settings.public_url}{CALLBACK}", state))


def complete(services: Services, code: str, state: str) -> Response | tuple[str, int]:
    """The browser is back from WeChat: sign in and go on, or say in one sentence why not."""
    login = _take(state)
    if login is None:
        return _without_login(state)
    back = safe_back(str(login["back"]))
    if not code or not _fresh(login, services.clock.now()) or not services.login_states.spend(state):
        return _once_more(services, login, back)
    try:
        openid = services.oauth.openid_for(code)
    except Refusal as preview:
        return said(str(preview), back), 403
    except WeChatError as failed:
        if failed.consequence is Consequence.CODE_SPENT:
            return _once_more(services, login, back)
        return said(SILENT, back), 503
    sign_in(services.settings.wechat_account, openid)
    cookie[_CAME_FROM] = [state, back]
    return redirect(back)


def said(words: str, back: str = HOME, button: str = "再打开一次") -> str:
    """A page with one sentence, and a button that leads on."""
    return render_template("said.html", words=words, back=safe_back(back), button=button)


def _pending() -> list[dict[str, Any]]:
    kept = cookie.get(_PENDING)
    return [each for each in kept if isinstance(each, dict)] if isinstance(kept, list) else []


def _take(state: str) -> dict[str, Any] | None:
    """The login this browser began with this state; it is under way no more."""
    found = next((each for each in _pending() if _same(each["state"], state)), None)
    if found is not None:
        cookie[_PENDING] = [each for each in _pending() if each["state"] != state]
    return found


def _same(kept: object, given: str) -> bool:
    return secrets.compare_digest(str(kept).encode(), given.encode())


def _fresh(login: dict[str, Any], now: datetime) -> bool:
    return 0 <= now.timestamp() - float(login["at"]) < LIFE.total_seconds()


def _once_more(services: Services, login: dict[str, Any], back: str) -> Response | tuple[str, int]:
    if login["again"]:
        return said(AGAIN, back), 400
    return begin(services, back, again=True)


def _without_login(state: str) -> Response | tuple[str, int]:
    """Reloaded after it was done, or not begun in this browser: such a code is never looked at."""
    came: Any = cookie.get(_CAME_FROM)
    if signed_in() and isinstance(came, list) and _same(came[0], state):
        return redirect(safe_back(str(came[1])))
    return said(AGAIN), 400
