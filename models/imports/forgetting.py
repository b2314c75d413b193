"""What imports need no longer: files nobody agreed to, what the books held before, what was found in a ledger."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.imports.states import DROPPED, READY, REFUSED, UNDO_WITHIN
from models.imports.tables import Import, ImportChange

FILES_KEPT = timedelta(days=1)
FINDINGS_KEPT = timedelta(days=90)
_AT_ONCE = 500


def forget_files(session: Session, now: datetime) -> list[str]:
    """Uploads of yesterday that nobody agreed to are dropped; returns the names of files that may go."""
    old = sa.select(Import.id, Import.file).where(
        Import.state.in_((READY, REFUSED, DROPPED)), Import.file != "", Import.created_at < now - FILES_KEPT
    )
    found = session.execute(old.order_by(Import.id).limit(_AT_ONCE)).all()
    state = sa.case((Import.state == READY, DROPPED), else_=Import.state)
    session.execute(
        sa.update(Import)
        .where(Import.id.in_([row.id for row in found]))
        .values(file="", state=state)
        .execution_options(synchronize_session=False)
    )
    return [row.file for row in found]


def forget_changes(session: Session, now: datetime) -> int:
    """Old phones and areas, once nothing can be undone by them; returns how many rows went."""
    over = sa.select(Import.id).where(Import.written_at < now - 2 * UNDO_WITHIN)
    gone = session.execute(sa.delete(ImportChange).where(ImportChange.import_id.in_(over)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def forget_findings(session: Session, now: datetime) -> int:
    """Names and addresses out of old ledgers; that there was an import stays known. Returns how many were blanked."""
    blanked = session.execute(
        sa.update(Import)
        .where(Import.created_at < now - FINDINGS_KEPT, Import.found["refused"].as_integer().is_not(None))
        .values(found={})
        .execution_options(synchronize_session=False)
    )
    return int(blanked.rowcount)  # type: ignore[attr-defined]
