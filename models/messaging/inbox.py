"""Every message once: who claims its row handles it, everybody later gets the stored reply."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.messaging.tables import Inbox


def claim(
    session: Session, *, account: str, openid: str, key: str, kind: str, text: str, media_id: str, now: datetime
) -> bool:
    """True for the first delivery of this message. A delivery that overlaps with the first waits here until that one
    has committed (or given up), so it never finds the row without its reply."""
    return insert_or_ignore(
        session,
        Inbox,
        {
            "account": account,
            "openid": openid,
            "key": key,
            "kind": kind,
            "text": text,
            "media_id": media_id,
            "received_at": now,
            "reply": "",
        },
    )


def stored_reply(session: Session, account: str, openid: str, key: str) -> str:
    return session.scalar(sa.select(Inbox.reply).where(*_this(account, openid, key))) or ""


def keep_reply(session: Session, account: str, openid: str, key: str, reply: str) -> None:
    session.execute(sa.update(Inbox).where(*_this(account, openid, key)).values(reply=reply))


def _this(account: str, openid: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (Inbox.account == account, Inbox.openid == openid, Inbox.key == key)
