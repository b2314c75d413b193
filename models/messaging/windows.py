"""How many free messages a person may still be sent, and until when: WeChat's customer-message rule as a ledger.

The ledger is two columns of the person's conversation. It is our own guess of what WeChat counts; when WeChat disagrees
(45015, 45047) the window is closed here, too. Numbers: api_sendcustommessage, the table "quota per trigger".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.messaging.tables import Conversation


@dataclass(frozen=True)
class Window:
    """`left` free messages may be sent before `until` (None: there never was a window)."""

    left: int = 0
    until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.left > 0 and self.until is not None and self.until > now


@dataclass(frozen=True)
class Grant:
    """What one trigger gives."""

    messages: int
    lasting: timedelta


_MESSAGES = ("text", "image", "voice", "video", "location", "link")
_TOUCHES = ("follow", "scan", "menu", "scanned")


def _platform_grants() -> dict[str, Grant]:
    return {
        **dict.fromkeys(_MESSAGES, Grant(messages=5, lasting=timedelta(hours=48))),
        **dict.fromkeys(_TOUCHES, Grant(messages=3, lasting=timedelta(minutes=1))),
    }


@dataclass(frozen=True)
class WindowSettings:
    """The platform's numbers. They have been changed before (20 messages until 2021), so they are settings."""

    grants: Mapping[str, Grant] = field(default_factory=_platform_grants)


PLATFORM = WindowSettings()


def window_after(
    trigger: str, now: datetime, before: Window | None = None, settings: WindowSettings = PLATFORM
) -> Window:
    """The window after somebody did something; `trigger` is what came in: text, image, …, follow, scan, menu, scanned.

    An event that gives nothing leaves `before` as it is. So does one that would end sooner than what is still open:
    a click must not turn two days into one minute.
    """
    before = before or Window()
    grant = settings.grants.get(trigger)
    if grant is None:
        return before
    after = Window(grant.messages, now + grant.lasting)
    if before.is_open(now) and before.until is not None and after.until is not None and before.until > after.until:
        return before
    return after


def open_by(conversation: Conversation, trigger: str, now: datetime) -> None:
    """Note on a locked conversation what the person's message or event gives."""
    before = Window(conversation.window_left or 0, conversation.window_until)
    after = window_after(trigger, now, before)
    conversation.window_left, conversation.window_until = after.left, after.until


def spend(session: Session, account: str, openid: str, now: datetime) -> bool:
    """Use up one free message; False when there is none (and nothing changed). Two senders cannot spend the same one."""
    spent = session.execute(
        sa.update(Conversation)
        .where(
            Conversation.account == account,
            Conversation.openid == openid,
            Conversation.window_left > 0,
            Conversation.window_until > now,
        )
        .values(window_left=Conversation.window_left - 1)
        .returning(Conversation.openid)
        .execution_options(synchronize_session=False)
    )
    return spent.first() is not None


def close(session: Session, account: str, openid: str) -> None:
    """WeChat says there is nothing left, whatever we counted."""
    session.execute(
        sa.update(Conversation)
        .where(Conversation.account == account, Conversation.openid == openid)
        .values(window_left=0)
        .execution_options(synchronize_session=False)
    )
