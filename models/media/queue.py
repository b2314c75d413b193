"""Fetching each file exactly as often as it takes: claimed by a conditional update, held by a lease, finished once."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore, signal
from models.media.tables import FORGOTTEN, GONE, KEPT, REFUSED, WAITING, Medium

# Longer than one file can take: a minute for its bytes, the calls before it, and the picture's decoding.
LEASE = timedelta(minutes=5)
SIGNAL = "media"


def note_received(
    session: Session, *, company_id: int, account: str, openid: str, media_id: str, kind: str, now: datetime
) -> int:
    """Somebody sent a file; it is to be fetched at once. The same file twice is one row. Returns its id."""
    values = {
        "company_id": company_id,
        "account": account,
        "openid": openid,
        "media_id": media_id,
        "kind": kind,
        "name": secrets.token_hex(16),
        "state": WAITING,
        "attached": False,
        "received_at": now,
        "due_at": now,
        "attempts": 0,
        "reason": "",
        "content_type": "",
        "size": 0,
        "width": 0,
        "height": 0,
    }
    if insert_or_ignore(session, Medium, values):
        signal(session, SIGNAL)
    return session.scalars(sa.select(Medium.id).where(Medium.account == account, Medium.media_id == media_id)).one()


def any_due(session: Session, now: datetime) -> bool:
    """Is there anything to fetch? A look that takes no lock."""
    return session.scalar(sa.select(Medium.id).where(*_due(now)).limit(1)) is not None


def claim(session: Session, now: datetime, limit: int) -> list[Medium]:
    """Take up to `limit` files that are due, the oldest first. What a dead fetcher held comes back after its lease."""
    due = session.scalars(
        sa.select(Medium)
        .where(*_due(now))
        .order_by(Medium.due_at, Medium.id)
        .limit(limit)
        # PostgreSQL: step over what another fetcher is taking right now. SQLite has one writer at a time anyway.
        .with_for_update(skip_locked=True)
    ).all()
    for medium in due:
        medium.due_at, medium.attempts = now + LEASE, medium.attempts + 1
    session.flush()
    return list(due)


def mark_kept(
    session: Session, medium_id: int, *, content_type: str, size: int, width: int, height: int, now: datetime
) -> bool:
    """The file lies in its place. False when it was finished before."""
    return _finish(
        session, medium_id, state=KEPT, content_type=content_type, size=size, width=width, height=height, kept_at=now
    )


def mark_refused(session: Session, medium_id: int, reason: str) -> bool:
    """It is no file we keep. False when it was finished before."""
    return _finish(session, medium_id, state=REFUSED, reason=reason[:120])


def mark_gone(session: Session, medium_id: int, reason: str) -> bool:
    """WeChat has it no more. False when it was finished before."""
    return _finish(session, medium_id, state=GONE, reason=reason[:120])


def try_later(session: Session, medium_id: int, attempt: int, *, due_at: datetime, reason: str) -> None:
    """`attempt` is the number this try had: somebody whose lease ran out meanwhile puts nothing off."""
    session.execute(
        sa.update(Medium)
        .where(Medium.id == medium_id, Medium.state == WAITING, Medium.attempts == attempt)
        .values(due_at=due_at, reason=reason[:120])
        .execution_options(synchronize_session=False)
    )


def mark_attached(session: Session, medium_ids: Sequence[int]) -> None:
    """Something refers to them from now on."""
    if medium_ids:
        session.execute(
            sa.update(Medium)
            .where(Medium.id.in_(medium_ids))
            .values(attached=True)
            .execution_options(synchronize_session=False)
        )


def forget_sender(session: Session, account: str, openid: str) -> None:
    """The files stay with their orders; nothing in them leads to this WeChat any more."""
    session.execute(
        sa.update(Medium)
        .where(Medium.account == account, Medium.openid == openid)
        .values(openid=None)
        .execution_options(synchronize_session=False)
    )


def loose(session: Session, before: datetime, limit: int) -> Sequence[Medium]:
    """What came in before that moment and belongs to nothing: said and never finished."""
    return session.scalars(
        sa.select(Medium)
        .where(Medium.attached.is_(False), Medium.received_at < before)
        .order_by(Medium.received_at)
        .limit(limit)
    ).all()


def drop(session: Session, medium_id: int) -> None:
    """Away with the row of a loose file, unless somebody has come to refer to it after all."""
    session.execute(
        sa.delete(Medium)
        .where(Medium.id == medium_id, Medium.attached.is_(False))
        .execution_options(synchronize_session=False)
    )


def mark_forgotten(session: Session, medium_id: int) -> None:
    session.execute(
        sa.update(Medium)
        .where(Medium.id == medium_id)
        .values(state=FORGOTTEN, size=0)
        .execution_options(synchronize_session=False)
    )


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return Medium.state == WAITING, Medium.due_at <= now


def _finish(session: Session, medium_id: int, **values: object) -> bool:
    done = session.execute(
        sa.update(Medium)
        .where(Medium.id == medium_id, Medium.state == WAITING)
        .values(**{"reason": "", **values})
        .returning(Medium.id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None
