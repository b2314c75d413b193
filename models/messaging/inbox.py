"""Every message once: it is written down with its reply, by the turn that made the reply true. Whoever finds it there already
has the stored reply to give and nothing to do."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.messaging.tables import Inbox


def keep(
    session: Session,
    *,
    account: str,
    openid: str,
    key: str,
    kind: str,
    text: str,
    media_id: str,
    reply: str,
    now: datetime,
) -> bool:
    """Write a message down with what it was answered, as the last thing of its turn. False if another delivery of it was
    first; then nothing of this turn may become true. Waits for a turn that is about to write the same."""
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
            "reply": reply,
        },
    )
