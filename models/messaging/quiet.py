"""Letting people sleep: what need not wake anybody is put off to the morning before a sender looks for what is due."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.messaging.kinds import all_kinds
from models.messaging.quiet_hours import AWAKE_FOR, DEFAULT, WIDEST, quiet_until
from models.messaging.tables import Conversation, Outbox, QuietHours

AT_ONCE = 500


def is_quiet(session: Session, account: str, now: datetime) -> bool:
    """Would a message that can wait be held back now? One statement at most, none by day."""
    if quiet_until(now, *WIDEST) is None:
        return False
    own = session.get(QuietHours, account)
    return quiet_until(now, *((own.begins, own.ends) if own is not None else DEFAULT)) is not None


def set_quiet_hours(session: Session, account: str, begins: int, ends: int) -> None:
    """Minutes since midnight: the evening and the morning."""
    if not insert_or_ignore(session, QuietHours, {"account": account, "begins": begins, "ends": ends}):
        session.execute(
            sa.update(QuietHours)
            .where(QuietHours.account == account)
            .values(begins=begins, ends=ends)
            .execution_options(synchronize_session="fetch")
        )


def let_sleep(session: Session, now: datetime) -> None:
    """Put off to the morning what is due, can wait, and is for somebody who has not written lately. Nothing is done by day."""
    if quiet_until(now, *WIDEST) is None:
        return
    own = session.execute(sa.select(QuietHours.account, QuietHours.begins, QuietHours.ends)).all()
    mornings: dict[datetime, list[str]] = {}
    for account, begins, ends in own:
        if (morning := quiet_until(now, begins, ends)) is not None:
            mornings.setdefault(morning, []).append(account)
    for morning, accounts in mornings.items():
        _put_off(session, now, morning, Outbox.account.in_(accounts))
    if (morning := quiet_until(now, *DEFAULT)) is not None:
        _put_off(session, now, morning, Outbox.account.not_in([row.account for row in own]))


def _put_off(session: Session, now: datetime, morning: datetime, whose: sa.ColumnElement[bool]) -> None:
    # Stepping over what another sender holds: two that put off the same rows must not wait for each other in a circle.
    sleeping = (
        sa.select(Outbox.id)
        .where(Outbox.state == "waiting", Outbox.due_at <= now, ~Outbox.wakes, whose, ~_is_awake(now))
        .order_by(Outbox.due_at, Outbox.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=Outbox)
    )
    while ids := session.scalars(sleeping).all():
        session.execute(
            sa.update(Outbox)
            .where(Outbox.id.in_(ids))
            .values(due_at=morning)
            .execution_options(synchronize_session=False)
        )


def _is_awake(now: datetime) -> sa.ColumnElement[bool]:
    wrote_lately = sa.exists().where(
        Conversation.account == Outbox.account,
        Conversation.openid == Outbox.openid,
        Conversation.turned_at > now - AWAKE_FOR,
    )
    return sa.and_(Outbox.kind.in_(_kinds_for_the_awake()), wrote_lately.correlate(Outbox))


def _kinds_for_the_awake() -> Collection[str]:
    return sorted(kind.name for kind in all_kinds() if kind.to_awake)
