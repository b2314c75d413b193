"""What WeChat tells later: what became of a template message, and of a subscription message.

A report may come before our own note of having sent the message is committed. Both put down the same key, the second one to
come waits for the first and then puts the two together; so neither order loses the report. The first report stands: a late
failure never overwrites a success.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_each_or_ignore, insert_or_ignore, signal
from models.messaging.tables import Conversation, DeliveryReport, Outbox

SUCCESS = "success"
# How far the time of a subscription message's report may be from our sending it.
_NEAR = timedelta(minutes=10)


def expect(session: Session, messages: Sequence[tuple[str, str]], now: datetime) -> None:
    """We have sent template messages, (account, msgid) each, and noted it in this transaction."""
    if not messages:
        return
    values = [
        {"account": account, "platform_id": platform_id, "status": "", "at": now} for account, platform_id in messages
    ]
    insert_each_or_ignore(session, DeliveryReport, values)
    reported = session.execute(
        sa.select(DeliveryReport.account, DeliveryReport.platform_id).where(
            sa.tuple_(DeliveryReport.account, DeliveryReport.platform_id).in_(list(messages)),
            DeliveryReport.status != "",
        )
    ).all()
    for account, platform_id in reported:
        _apply(session, account, platform_id, now)


def note_delivery(session: Session, account: str, platform_id: str, status: str, now: datetime) -> None:
    """WeChat reports what became of a template message (TEMPLATESENDJOBFINISH): "success" or "failed:…"."""
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
        _apply(session, account, platform_id, now)


def note_subscription_delivery(
    session: Session, account: str, openid: str, kinds: Collection[str], status: str, at: datetime, now: datetime
) -> None:
    """WeChat reports about a subscription message. It gives no id: the nearest one of these kinds (those that use the
    template) to this person that was sent about that time and has no report yet is meant."""
    message = session.scalar(
        sa.select(Outbox)
        .where(
            Outbox.account == account,
            Outbox.openid == openid,
            Outbox.kind.in_(kinds),
            Outbox.channel == "subscription",
            Outbox.state == "sent",
            Outbox.outcome == "",
            Outbox.sent_at.between(at - _NEAR, at + _NEAR),
        )
        .order_by(Outbox.id)
        .limit(1)
    )
    if message is not None:
        _conclude(session, message, status, now)


def _first_to_come(session: Session, account: str, platform_id: str, *, status: str, now: datetime) -> bool:
    values: dict[str, Any] = {"account": account, "platform_id": platform_id, "status": status[:64], "at": now}
    return insert_or_ignore(session, DeliveryReport, values)


def _apply(session: Session, account: str, platform_id: str, now: datetime) -> None:
    """The report about the channel that was used stands; one about a channel given up since says nothing."""
    status = session.scalar(
        sa.select(DeliveryReport.status).where(
            DeliveryReport.account == account, DeliveryReport.platform_id == platform_id
        )
    )
    if not status:
        return
    message = session.scalar(
        sa.select(Outbox)
        .where(
            Outbox.account == account,
            Outbox.platform_id == platform_id,
            Outbox.channel == "template",
            Outbox.state == "sent",
            Outbox.outcome == "",
        )
        .execution_options(populate_existing=True)
    )
    if message is not None:
        _conclude(session, message, status, now)


def _conclude(session: Session, message: Outbox, status: str, now: datetime) -> None:
    """A success ends the matter. A block closes the way to the person and the next rung is tried; WeChat's own trouble gets
    one more try. By WeChat's word it did not arrive, so also what must not arrive twice may go on."""
    if status == SUCCESS:
        message.outcome = status
    else:
        failed_before = any(step[1] == message.channel for step in message.trail)
        blocked = "block" in status
        if blocked or failed_before:
            message.passed = f"{message.passed} {message.channel}".strip()
        message.trail = [*message.trail, [now.isoformat(timespec="seconds"), message.channel, status]]
        message.state, message.due_at, message.outcome = "waiting", now, status
        message.channel, message.platform_id, message.sent_at = "", "", None
        if blocked:
            _flag(session, message, status)
        signal(session, "outbox")
    session.flush()


def _flag(session: Session, message: Outbox, why: str) -> None:
    session.execute(
        sa.update(Conversation)
        .where(Conversation.account == message.account, Conversation.openid == message.openid)
        .values(unreachable=why[:64])
        .execution_options(synchronize_session=False)
    )
