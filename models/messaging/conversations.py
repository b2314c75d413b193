"""Where a person and the bot are in their talk: locked first, then read, so that two messages never interleave."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.messaging.tables import Conversation

# The shape of what `frames` holds. A row of another shape was written by another version and is dropped, not guessed at.
LAYOUT = 1


def lock(session: Session, account: str, openid: str, now: datetime) -> Conversation:
    """The person's row, held until the transaction ends. The second of two messages waits here."""
    conversation = _locked(session, account, openid)
    if conversation is None:
        insert_or_ignore(
            session,
            Conversation,
            {
                "account": account,
                "openid": openid,
                "frames": [],
                "misunderstood": 0,
                "layout": LAYOUT,
                "turned_at": now,
                "windows": {},
                "unreachable": "",
                "parked": False,
                "burst_count": 0,
            },
        )
        conversation = _locked(session, account, openid)
    if conversation is None:
        raise LookupError("the conversation was deleted while it was being opened")
    if conversation.layout != LAYOUT:
        conversation.frames = []
        conversation.layout = LAYOUT
    return conversation


def _locked(session: Session, account: str, openid: str) -> Conversation | None:
    return session.scalar(
        sa.select(Conversation)
        .where(Conversation.account == account, Conversation.openid == openid)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
