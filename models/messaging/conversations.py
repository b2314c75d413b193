"""Where a person and the bot are in their talk: locked first, then read, so that two messages never interleave."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_unless_there
from models.messaging.tables import Conversation, Inbox

# The shape of what `frames` holds. A row of another shape was written by another version and is dropped, not guessed at.
LAYOUT = 1


def lock(
    session: Session, account: str, openid: str, now: datetime, *, windows: dict[str, Any] | None = None
) -> Conversation:
    """The person's row, held until the transaction ends. The second of two messages waits here. `windows`: the book of free
    messages that somebody begins with who never spoke to us."""
    conversation, _ = open_turn(session, account, openid, key="", now=now, windows=windows)
    return conversation


def open_turn(
    session: Session, account: str, openid: str, *, key: str, now: datetime, windows: dict[str, Any] | None = None
) -> tuple[Conversation, str | None]:
    """The person's row, locked, and what this very message was answered before (None: it is new). One statement.

    A delivery that had to wait here for an earlier one of the same message may not see its reply yet: `inbox.keep` will tell.
    """
    conversation, answered = _locked(session, account, openid, key)
    if conversation is None:
        begun = windows or {}
        fresh = Conversation(account=account, openid=openid, frames=[], layout=LAYOUT, turned_at=now, windows=begun)
        if insert_unless_there(session, fresh) and not key:
            return fresh, None
        # Whoever is gone may still send again what was answered: with a message there is one more look.
        conversation, answered = _locked(session, account, openid, key)
    if conversation is None:
        raise LookupError("the conversation was deleted while it was being opened")
    if conversation.layout != LAYOUT:
        conversation.frames = []
        conversation.layout = LAYOUT
    return conversation, answered


def _locked(session: Session, account: str, openid: str, key: str) -> tuple[Conversation | None, str | None]:
    row = session.execute(
        _LOCK,
        {"account": account, "openid": openid, "key": key},
        execution_options={"populate_existing": True},
    ).first()
    return (row[0], row[1]) if row is not None else (None, None)


_answered = (
    sa.select(Inbox.reply)
    .where(
        Inbox.account == sa.bindparam("account"),
        Inbox.openid == sa.bindparam("openid"),
        Inbox.key == sa.bindparam("key"),
    )
    .scalar_subquery()
)
_LOCK = (
    sa.select(Conversation, _answered)
    .where(Conversation.account == sa.bindparam("account"), Conversation.openid == sa.bindparam("openid"))
    .with_for_update(of=Conversation)
)
