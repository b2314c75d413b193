"""The book of a person's free messages (grants.py) where it is kept: on their conversation, whose row is locked to change it."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_each_unless_there, signal
from models.messaging import grants
from models.messaging.grants import PLATFORM, GrantRules
from models.messaging.tables import Conversation, Outbox

Person = tuple[str, str]  # account, openid


def open_by(conversation: Conversation, trigger: str, sent_at: datetime, rules: GrantRules = PLATFORM) -> None:
    """Note on a locked conversation what the person's message or event gives, by WeChat's own time of it."""
    conversation.windows = grants.opened(conversation.windows or {}, trigger, int(sent_at.timestamp()), rules)


def open_those_free(session: Session, people: Collection[Person], trigger: str, sent_at: datetime) -> set[Person]:
    """The same for several people, also such as never spoke, but without waiting: for whom we are talking to just now nothing is noted.

    Returns the others; their rows are locked.
    """
    free = {}
    for conversation in session.scalars(_THOSE_FREE, {"people": list(people)}):
        open_by(conversation, trigger, sent_at)
        free[conversation.account, conversation.openid] = conversation
    begun = grants.opened({}, trigger, int(sent_at.timestamp()))
    new = [
        {"account": account, "openid": openid, "turned_at": sent_at, "windows": begun}
        for account, openid in people
        if (account, openid) not in free
    ]
    return set(free) | (insert_each_unless_there(session, Conversation, new) if new else set())


_THOSE_FREE = (
    sa.select(Conversation)
    .where(sa.tuple_(Conversation.account, Conversation.openid).in_(sa.bindparam("people", expanding=True)))
    .with_for_update(skip_locked=True)
    .execution_options(populate_existing=True)
)


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
