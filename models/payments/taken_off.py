"""What was taken off a home lately by one person alone: a large sum in small pieces is still a large sum (domain rules 1.7)."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.tables import AuditEntry
from models.billing.waiver_tables import Waiver, WaiverLine

_LOOKING_BACK = timedelta(days=30)
_CORRECTED = ("bill.drop", "bill.anew")  # as models/payments/rebilling.py notes them


def taken_off_alone(session: Session, home_id: int, now: datetime, *, besides: int | None = None) -> int:
    """Fen that were waived, or dropped with a bill, and still are. `besides`: what was waived of this bill does not count."""
    since = now - _LOOKING_BACK
    waived = (
        sa.select(sa.func.coalesce(sa.func.sum(WaiverLine.fen), 0))
        .join(Waiver, Waiver.id == WaiverLine.waiver_id)
        .where(
            Waiver.home_id == home_id, Waiver.state == "done", ~Waiver.needs_another, Waiver.ended_at > since,
            WaiverLine.live.is_(True), WaiverLine.bill_id.is_distinct_from(besides),
        )
    )  # fmt: skip
    noted = sa.select(AuditEntry.details).where(
        AuditEntry.subject == f"home:{home_id}", AuditEntry.action.in_(_CORRECTED), AuditEntry.at > since
    )
    # The last word about each bill: what was dropped and then billed after all was not taken off.
    dropped = {
        details["bill"]: int(details.get("alone", 0)) for details in session.scalars(noted.order_by(AuditEntry.id))
    }
    return int(session.scalar(waived) or 0) + sum(dropped.values())
