"""What people said is kept only as long as it is of use (the shortest retention, PIPL article 19)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.messaging.tables import DeliveryReport, Inbox


def forget_words(session: Session, before: datetime, limit: int = 1000) -> int:
    """Blank what came in and what was replied before that moment; the row stays, so a replay is still recognised.

    Returns how many rows were blanked, at most `limit`, to keep each transaction short.
    """
    old = (
        sa.select(Inbox.id)
        .where(Inbox.received_at < before, sa.or_(Inbox.text != "", Inbox.reply != "", Inbox.media_id != ""))
        .limit(limit)
    )
    blanked = session.execute(
        sa.update(Inbox)
        .where(Inbox.id.in_(old))
        .values(text="", reply="", media_id="")
        .returning(Inbox.id)
        .execution_options(synchronize_session=False)
    )
    return len(blanked.all())


def forget_reports(session: Session, before: datetime) -> int:
    """Remove where reports and messages met; WeChat reports within minutes. Returns how many."""
    removed = session.execute(
        sa.delete(DeliveryReport)
        .where(DeliveryReport.at < before)
        .returning(DeliveryReport.platform_id)
        .execution_options(synchronize_session=False)
    )
    return len(removed.all())
