"""Signing in at a computer without a password: the page shows a number, the person says it in WeChat, the page is theirs.

A number belongs to one browser, is good for five minutes and once. What is kept is its digest, as with every one-time code.
The row goes on to be the session: it ends when somebody signs out anywhere, and half a day later by itself.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.db import insert_or_ignore
from models.people.guesses import begin, give_back, guesser
from models.people.tables import DeskLogin

GOOD_FOR = timedelta(minutes=5)
LASTS = timedelta(hours=12)
WRONG_A_DAY = 10  # numbers somebody may get wrong: a wrong one that hits would open another person's browser
AT_ONCE = 500  # numbers that may be shown at the same moment, everywhere together
_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Shown:
    """What one browser shows. `number` is of the row, `code` is what the person says."""

    number: int
    code: str


@dataclass(frozen=True)
class Said:
    """What became of a number that was said: signed in, wrong, or none left today. `where`: the browser as a person knows it."""

    why: str  # "", wrong, limit
    where: str = ""
    asked_at: datetime | None = None


def show(session: Session, *, browser: str, where: str, pepper: str, now: datetime) -> Shown | None:
    """A new number for a browser; None when too many are shown at this moment."""
    session.execute(
        sa.update(DeskLogin)
        .where(DeskLogin.digest.is_not(None), DeskLogin.expires_at < now)
        .values(digest=None)
        .execution_options(synchronize_session=False)
    )
    shown = session.scalar(sa.select(sa.func.count()).select_from(DeskLogin).where(DeskLogin.digest.is_not(None)))
    if (shown or 0) >= AT_ONCE:
        return None
    for _ in range(10):
        code = f"{secrets.randbelow(1_000_000):06d}"
        digest = _digest(code, pepper)
        row = {
            "digest": digest,
            "browser": _browser(browser),
            "place": where[:40],
            "asked_at": now,
            "expires_at": now + GOOD_FOR,
        }
        if insert_or_ignore(session, DeskLogin, row):
            number = session.scalars(sa.select(DeskLogin.id).where(DeskLogin.digest == digest)).one()
            return Shown(number, code)
    return None


def say(
    session: Session, *, code: str, account: str, openid: str, company_id: int, by: str, pepper: str, now: datetime
) -> Said:
    """Somebody who may work at the desk says a number. Counted before it is known to be wrong."""
    subject = f"desk:{guesser(account, openid)}"
    if begin(session, subject, WRONG_A_DAY, now) is None:
        return Said("limit")
    login = session.execute(
        sa.update(DeskLogin)
        .where(DeskLogin.digest == _digest(code, pepper), DeskLogin.expires_at >= now)
        .values(account=account, openid=openid, said_at=now, digest=None)
        .returning(DeskLogin.id, DeskLogin.place, DeskLogin.asked_at)
        .execution_options(synchronize_session=False)
    ).first()
    if login is None:
        return Said("wrong")
    give_back(session, [subject], now)
    record(
        session,
        at=now,
        actor=by,
        action="desk.login",
        subject=f"desk_login:{login.id}",
        source="chat",
        company_id=company_id,
        details={"place": login.place},
    )
    return Said("", login.place, login.asked_at)


def take(session: Session, number: int, browser: str, now: datetime) -> tuple[str, str] | None:
    """The browser that showed the number becomes the WeChat's that said it, once: (account, openid), or None so far."""
    row = session.execute(
        sa.update(DeskLogin)
        .where(
            DeskLogin.id == number,
            DeskLogin.browser == _browser(browser),
            DeskLogin.said_at >= now - GOOD_FOR,
            DeskLogin.taken_at.is_(None),
            DeskLogin.ended_at.is_(None),
        )
        .values(taken_at=now)
        .returning(DeskLogin.account, DeskLogin.openid)
        .execution_options(synchronize_session=False)
    ).first()
    return (row.account, row.openid) if row is not None else None


def was_said(session: Session, number: int, browser: str) -> bool:
    """Whether the number this browser shows has been said; looking changes nothing."""
    found = session.scalar(
        sa.select(DeskLogin.id).where(
            DeskLogin.id == number, DeskLogin.browser == _browser(browser), DeskLogin.said_at.is_not(None)
        )
    )
    return found is not None


def lives(session: Session, number: int, browser: str, account: str, openid: str, now: datetime) -> bool:
    """Whether a session at the desk goes on: this browser's, this WeChat's, not ended, not older than half a day."""
    found = session.scalar(
        sa.select(DeskLogin.id).where(
            DeskLogin.id == number,
            DeskLogin.browser == _browser(browser),
            DeskLogin.account == account,
            DeskLogin.openid == openid,
            DeskLogin.taken_at > now - LASTS,
            DeskLogin.ended_at.is_(None),
        )
    )
    return found is not None


def end(session: Session, number: int, now: datetime) -> None:
    """This session is over."""
    session.execute(
        sa.update(DeskLogin)
        .where(DeskLogin.id == number, DeskLogin.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def end_all(session: Session, account: str, openid: str, now: datetime) -> int:
    """Every session of a WeChat is over, also one that was said and not taken yet; returns how many."""
    ended = session.execute(
        sa.update(DeskLogin)
        .where(
            DeskLogin.account == account,
            DeskLogin.openid == openid,
            DeskLogin.ended_at.is_(None),
            DeskLogin.said_at > now - LASTS,
        )
        .values(ended_at=now)
        .returning(DeskLogin.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def forget_old(session: Session, now: datetime) -> int:
    """Rows of a month ago go; returns how many."""
    gone = session.execute(sa.delete(DeskLogin).where(DeskLogin.asked_at < now - _KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _digest(code: str, pepper: str) -> str:
    return hmac.new(pepper.encode(), f"desk login {code}".encode(), hashlib.sha256).hexdigest()


def _browser(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
