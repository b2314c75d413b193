"""Who is looking at a page. The cookie remembers only who signed in; what they may do is asked anew for every page."""

import secrets
from datetime import datetime
from typing import Any

from flask import session as cookie
from sqlalchemy.orm import Session

from handlers.speaker import Person, person_of

_WHO = "who"


def sign_in(account: str, openid: str) -> None:
    """This browser is now this follower's. Whatever the cookie held before is gone, so no one can prepare it for them."""
    cookie.clear()
    cookie[_WHO] = [account, openid, secrets.token_urlsafe(8)]


def sign_out() -> None:
    cookie.clear()


def visitor(session: Session, now: datetime) -> Person | None:
    """The follower who signed in with this browser, with the rights of this very moment; None if nobody did."""
    who: Any = cookie.get(_WHO)
    if not isinstance(who, list) or len(who) != 3:
        return None
    return person_of(session, str(who[0]), str(who[1]), now)
