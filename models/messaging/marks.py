"""What became of messages that left, noted many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.messaging import reports
from models.messaging.tables import Outbox


@dataclass(frozen=True)
class Mark:
    """The new state of one message.

    sent: `channel` and, of a template message, `platform_id`; `sent_with` is the message it was joined to.
    waiting, parked: look again at `due_at`. untold, failed: `outcome` says why.
    """

    id: int
    account: str
    state: str
    due_at: datetime
    channel: str = ""
    platform_id: str = ""
    outcome: str = ""
    passed: str = ""
    trail: list[Any] = field(default_factory=list)
    sent_with: int | None = None


_TABLE: Any = Outbox.__table__


def note(session: Session, marks: Sequence[Mark], worker: str, now: datetime) -> None:
    """Two statements for any number of messages, three when there were template messages."""
    sent = [mark for mark in marks if mark.state == "sent"]
    others = [mark for mark in marks if mark.state != "sent"]
    if sent:
        # True whoever holds the lease by now, so that nobody sends it again.
        _write_all(session, sent, now, _TABLE.c.state != "sent")
        templates = [
            (mark.account, mark.platform_id) for mark in sent if mark.channel == "template" and mark.platform_id
        ]
        reports.expect(session, templates, now)
    if others:
        _write_all(session, others, now, sa.and_(_TABLE.c.state == "sending", _TABLE.c.claimed_by == worker))


def postpone(session: Session, marks: Sequence[Mark], now: datetime) -> None:
    """New states for messages that were looked at and not taken."""
    if marks:
        _write_all(session, marks, now, _TABLE.c.state == "waiting")


def _write_all(session: Session, marks: Sequence[Mark], now: datetime, condition: sa.ColumnElement[bool]) -> None:
    statement = (
        sa.update(_TABLE)
        .where(_TABLE.c.id == sa.bindparam("which"), condition)
        .values(
            {
                name: sa.bindparam(f"new_{name}", type_=_TABLE.c[name].type)
                for name in (
                    "state",
                    "due_at",
                    "sent_at",
                    "channel",
                    "platform_id",
                    "outcome",
                    "passed",
                    "trail",
                    "sent_with",
                )
            }
        )
        .values(claimed_by="", claimed_at=None)
    )
    session.flush()
    session.connection().execute(statement, [_values(mark, now) for mark in marks])


def _values(mark: Mark, now: datetime) -> dict[str, Any]:
    return {
        "which": mark.id,
        "new_state": mark.state,
        "new_due_at": mark.due_at,
        "new_sent_at": now if mark.state == "sent" else None,
        "new_channel": mark.channel,
        "new_platform_id": mark.platform_id,
        "new_outcome": mark.outcome[:300],
        "new_passed": mark.passed[:64],
        "new_trail": mark.trail,
        "new_sent_with": mark.sent_with,
    }
