"""Who works at the desk, the pages for a computer: signed in with a number said in WeChat, and still allowed at this very moment."""

import re
import secrets
from datetime import datetime
from typing import Any

from flask import g, request
from flask import session as cookie
from sqlalchemy.orm import Session

from bot.services import Services
from handlers.signed_in import sign_in, sign_out, visitor
from handlers.speaker import Person, StaffMember
from models.people.desk_logins import Shown, end, lives, show, take, was_said

# Staff of the office; "manager" stands for clerks too (handlers/speaker.py).
ROLES = frozenset({"manager", "clerk", "cashier", "lead"})

LOGIN = "/desk/login"
FRONT = "/desk/"
_ASKS, _DESK = "asks", "desk"

_SYSTEMS = (
    ("Windows", "Windows 电脑"),
    ("iPhone", "苹果手机"),
    ("iPad", "平板"),
    ("Mac OS", "苹果电脑"),
    ("Android", "安卓手机"),
    ("Linux", "电脑"),
)
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))


def person_at_desk(session: Session, now: datetime) -> Person | None:
    """Whoever this browser is signed in as at the desk, with the rights of this moment; None for everybody else."""
    kept: Any = cookie.get(_DESK)
    person = visitor(session, now)
    if person is None or person.staff is None or not isinstance(kept, list) or len(kept) != 2:
        return None
    if not person.roles & ROLES or not lives(session, int(kept[0]), str(kept[1]), person.account, person.openid, now):
        return None
    return person


def the_person() -> Person:
    """Whom the guard let in (handlers/page_guard.py)."""
    person: Person = g.at_desk
    return person


def the_staff() -> StaffMember:
    staff = the_person().staff
    assert staff is not None  # the guard lets nobody else in
    return staff


def number_to_show(services: Services) -> Shown | None:
    """The number this browser shows: the same until it is spent or too old. None when there are too many at this moment."""
    now = services.clock.now()
    kept: Any = cookie.get(_ASKS)
    if isinstance(kept, dict) and 0 <= now.timestamp() - float(kept["at"]) < 240:
        return Shown(int(kept["row"]), str(kept["code"]))
    token = secrets.token_urlsafe(16)
    with services.database.transaction() as session:
        shown = show(session, browser=token, where=_where(), pepper=services.settings.secret_key, now=now)
    if shown is not None:
        cookie[_ASKS] = {"row": shown.number, "code": shown.code, "token": token, "at": int(now.timestamp())}
    return shown


def number_was_said(services: Services) -> bool:
    kept: Any = cookie.get(_ASKS)
    if not isinstance(kept, dict):
        return False
    with services.database.reading() as session:
        return was_said(session, int(kept["row"]), str(kept["token"]))


def sign_in_if_said(services: Services) -> bool:
    """Sign this browser in when its number was said; True when it is."""
    kept: Any = cookie.get(_ASKS)
    if not isinstance(kept, dict) or not number_was_said(services):
        return False
    number, token = int(kept["row"]), str(kept["token"])
    with services.database.transaction() as session:
        who = take(session, number, token, services.clock.now())
    cookie.pop(_ASKS)
    if who is None:
        return False
    sign_in(*who)
    cookie.permanent = True
    cookie[_DESK] = [number, token]
    return True


def leave_desk(services: Services) -> None:
    """This session is over, here and for whoever might have a copy of the cookie."""
    kept: Any = cookie.get(_DESK)
    if isinstance(kept, list) and len(kept) == 2:
        with services.database.transaction() as session:
            end(session, int(kept[0]), services.clock.now())
    sign_out()


def _where() -> str:
    """The browser as a person knows it. Only two words of a list: nothing a stranger writes gets into a chat."""
    agent = request.headers.get("User-Agent", "")
    system = next((words for sign, words in _SYSTEMS if sign in agent), "电脑")
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    return re.sub(r"^(.+?) ?$", r"\1", f"{system}上的 {browser}" if browser else system)
