"""Who sends which message, exactly when it is safe to: claims, leases, and what became of each message.

A message goes waiting → claimed → sending → sent, or back to waiting (tried again later), or failed. Each step is one
conditional update in a short transaction of its own, so two senders never hold the same message and a sender that died
holds nothing for longer than its lease. `claimed` means nothing has left the house yet; from `sending` on it may have.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models.db import insert_or_ignore
from models.messaging.quiet import let_sleep
from models.messaging.tables import DeliveryReport, Outbox

# Longer than one message can take: token, customer message and template message at most eight seconds each.
LEASE = timedelta(seconds=60)

UNKNOWN_OUTCOME = "unknown outcome"
UNFINISHED = ("waiting", "claimed", "sending")


def claim(session: Session, worker: str, now: datetime, limit: int = 50) -> list[Outbox]:
    """Take up to `limit` messages that are due, urgent ones first, at most one a person.

    A message waits while an earlier one to the same person is unfinished, so nobody reads 完工 before 接单; only an urgent
    one overtakes, and what sleeps until the morning is in nobody's way. What a dead sender left behind is taken again,
    unless it must not be sent twice: that one has failed.
    """
    _give_up_what_may_have_gone(session, now)
    let_sleep(session, now)
    due = session.scalars(
        sa.select(Outbox)
        .where(_may_be_taken(now), ~_has_one_before_it(now))
        .order_by(Outbox.urgent.desc(), Outbox.due_at, Outbox.id)
        .limit(limit)
        # PostgreSQL: step over what another sender is taking right now. SQLite has one writer at a time anyway.
        .with_for_update(skip_locked=True, of=Outbox)
    ).all()
    for message in due:
        message.state, message.claimed_by, message.claimed_at = "claimed", worker, now
    session.flush()
    return list(due)


def begin(session: Session, message_id: int, worker: str, now: datetime) -> bool:
    """Note that the message is about to leave. False: it was cancelled, or the lease ran out and somebody else has it."""
    begun = session.execute(
        _change(message_id, Outbox.state == "claimed", Outbox.claimed_by == worker)
        .values(state="sending", claimed_at=now, attempts=Outbox.attempts + 1)
        .returning(Outbox.id)
    )
    return begun.first() is not None


def release(session: Session, worker: str) -> None:
    """Give back what was claimed and not begun: the sender stops."""
    session.execute(
        sa.update(Outbox)
        .where(Outbox.state == "claimed", Outbox.claimed_by == worker)
        .values(state="waiting", claimed_by="", claimed_at=None)
        .execution_options(synchronize_session=False)
    )


def mark_sent(
    session: Session, message_id: int, *, account: str, channel: str, platform_id: str, now: datetime
) -> None:
    """WeChat took it. True whoever holds the lease by now, so that nobody sends it again.

    `platform_id` is the msgid of a template message, "" for a customer message.
    """
    session.execute(
        _change(message_id, Outbox.state != "sent").values(
            state="sent", sent_at=now, channel=channel, platform_id=platform_id, outcome=""
        )
    )
    if platform_id and not _first_to_come(session, account, platform_id, status="", now=now):
        _apply_report(session, account, platform_id)


def mark_retry(session: Session, message_id: int, worker: str, *, due_at: datetime, why: str) -> None:
    """Not sent, or harmless to send twice: try again at `due_at`."""
    session.execute(
        _change(message_id, Outbox.state == "sending", Outbox.claimed_by == worker).values(
            state="waiting", claimed_by="", claimed_at=None, due_at=due_at, outcome=why[:300]
        )
    )


def mark_failed(session: Session, message_id: int, worker: str, *, why: str) -> None:
    """It will not be sent any more; the reason stays on the row."""
    session.execute(
        _change(message_id, Outbox.state == "sending", Outbox.claimed_by == worker).values(
            state="failed", outcome=why[:300]
        )
    )


def note_delivery(session: Session, account: str, platform_id: str, status: str, now: datetime) -> None:
    """WeChat reports what became of a template message (TEMPLATESENDJOBFINISH): "success" or "failed:…".

    The report may come before our own note of having sent it is committed. Both put down the same key, the second one to
    come waits for the first and then puts the two together; so neither order loses the report.
    """
    if not _first_to_come(session, account, platform_id, status=status, now=now):
        session.execute(
            sa.update(DeliveryReport)
            .where(
                DeliveryReport.account == account,
                DeliveryReport.platform_id == platform_id,
                DeliveryReport.status == "",
            )
            .values(status=status[:64])
        )
        _apply_report(session, account, platform_id)


def cancel_waiting(session: Session, account: str, openid: str, why: str = "unfollowed") -> int:
    """Nothing more goes to this person, also nothing a sender has claimed and not begun; returns how many that were."""
    cancelled = session.execute(
        sa.update(Outbox)
        .where(Outbox.account == account, Outbox.openid == openid, Outbox.state.in_(("waiting", "claimed")))
        .values(state="failed", outcome=why[:300])
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    )
    return len(cancelled.all())


def _may_be_taken(now: datetime) -> sa.ColumnElement[bool]:
    left_behind = Outbox.claimed_at < now - LEASE
    return sa.or_(
        sa.and_(Outbox.state == "waiting", Outbox.due_at <= now),
        sa.and_(Outbox.state == "claimed", left_behind),
        sa.and_(Outbox.state == "sending", Outbox.repeatable, left_behind),
    )


def _has_one_before_it(now: datetime) -> sa.ColumnElement[bool]:
    earlier = aliased(Outbox)
    return (
        sa.exists()
        .where(
            earlier.account == Outbox.account,
            earlier.openid == Outbox.openid,
            earlier.state.in_(UNFINISHED),
            sa.or_(earlier.due_at <= now, earlier.attempts > 0),
            sa.or_(earlier.urgent > Outbox.urgent, sa.and_(earlier.urgent == Outbox.urgent, earlier.id < Outbox.id)),
        )
        .correlate(Outbox)
    )


def _give_up_what_may_have_gone(session: Session, now: datetime) -> None:
    session.execute(
        sa.update(Outbox)
        .where(Outbox.state == "sending", ~Outbox.repeatable, Outbox.claimed_at < now - LEASE)
        .values(state="failed", outcome=UNKNOWN_OUTCOME)
        .execution_options(synchronize_session=False)
    )


def _first_to_come(session: Session, account: str, platform_id: str, *, status: str, now: datetime) -> bool:
    values: dict[str, Any] = {"account": account, "platform_id": platform_id, "status": status[:64], "at": now}
    return insert_or_ignore(session, DeliveryReport, values)


def _apply_report(session: Session, account: str, platform_id: str) -> None:
    """The first report about the channel that was used stands; one about a channel given up since says nothing."""
    status = session.scalar(
        sa.select(DeliveryReport.status).where(
            DeliveryReport.account == account, DeliveryReport.platform_id == platform_id
        )
    )
    if not status:
        return
    session.execute(
        sa.update(Outbox)
        .where(
            Outbox.account == account,
            Outbox.platform_id == platform_id,
            Outbox.channel == "template",
            Outbox.state == "sent",
        )
        .values(state="sent" if status == "success" else "failed", outcome=status)
        .execution_options(synchronize_session=False)
    )


def _change(message_id: int, *conditions: sa.ColumnElement[bool]) -> sa.Update:
    return sa.update(Outbox).where(Outbox.id == message_id, *conditions).execution_options(synchronize_session=False)
