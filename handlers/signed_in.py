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


def signed_in() -> bool:
    """Has anybody signed in with this browser? What they may see is another question."""
    return _who() is not None


def visitor(session: Session, now: datetime) -> Person | None:
    """The follower who signed in with this browser, with the rights of this very moment; None if nobody did."""
    who = _who()
    return person_of(session, who[0], who[1], now) if who is not None else None


def _who() -> tuple[str, str] | None:
    who: Any = cookie.get(_WHO)
    if not isinstance(who, list) or len(who) != 3:
        return None
    return str(who[0]), str(who[1])
