"""The book of a person's free messages (grants.py) where it is kept: on their conversation, whose row is locked to change it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import signal
from models.messaging import grants
from models.messaging.grants import PLATFORM, GrantRules
from models.messaging.tables import Conversation, Outbox


def open_by(conversation: Conversation, trigger: str, sent_at: datetime, rules: GrantRules = PLATFORM) -> None:
    """Note on a locked conversation what the person's message or event gives, by WeChat's own time of it."""
    conversation.windows = grants.opened(conversation.windows or {}, trigger, int(sent_at.timestamp()), rules)


def heard_of(session: Session, conversation: Conversation, now: datetime) -> None:
    """The person spoke, so WeChat reaches them; what was waiting for that goes out."""
    conversation.unreachable = ""
    if conversation.parked:
        conversation.parked = False
        session.execute(
            sa.update(Outbox)
            .where(
                Outbox.account == conversation.account,
                Outbox.openid == conversation.openid,
                Outbox.state == "parked",
            )
            .values(state="waiting", due_at=now)
            .execution_options(synchronize_session=False)
        )
        signal(session, "outbox")
