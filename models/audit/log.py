"""Writing the log, sealing it into a chain, and checking the chain.

An entry is added in the transaction it tells of. Sealing happens afterwards, in order of arrival, by one sealer at a time:
it gives each entry its place and a digest over its content and the digest before it, so that no entry can be changed,
removed or slipped in without breaking every later digest. Sealing apart keeps the many writers from queueing for one row.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.tables import AuditEntry
from models.db import insert_few, signal

BEGINNING = "0" * 64
_SEAL_AT_ONCE = 500
_SEALER_LOCK = 0x4C696E6C69  # any number nobody else uses for a PostgreSQL advisory lock


def record(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    source: str,
    company_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Add one entry to this transaction. `details` must hold nothing personal: numbers and names of things, no phones."""
    entry = {
        "at": at,
        "company_id": company_id,
        "actor": actor,
        "action": action,
        "subject": subject,
        "source": source,
        "details": details or {},
    }
    insert_few(session, AuditEntry, [entry])
    signal(session, "audit")


def entries_about(
    session: Session, subjects: Collection[str], actions: Collection[str], *, limit: int
) -> Sequence[AuditEntry]:
    """What was done of this kind to these things, the newest first."""
    return session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.subject.in_(subjects), AuditEntry.action.in_(actions))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    ).all()


def seal(session: Session) -> int:
    """Give every unsealed entry its place in the chain; returns how many. Call in a transaction of its own."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_SEALER_LOCK)))
    place, digest = _end_of_chain(session)
    sealed = 0
    while entries := session.scalars(
        sa.select(AuditEntry).where(AuditEntry.place.is_(None)).order_by(AuditEntry.id).limit(_SEAL_AT_ONCE)
    ).all():
        for entry in entries:
            place, digest = place + 1, _digest(digest, place + 1, entry)
            entry.place, entry.digest = place, digest
        session.flush()
        session.expunge_all()
        sealed += len(entries)
    return sealed


def broken_links(session: Session) -> Iterator[str]:
    """Recompute the whole chain from the rows; yields one sentence for each place where it does not hold."""
    place, digest = 0, BEGINNING
    entries = session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.place.is_not(None))
        .order_by(AuditEntry.place)
        .execution_options(yield_per=1000)
    )
    for entry in entries:
        if entry.place != place + 1:
            yield f"audit: entries {place + 1} to {(entry.place or 0) - 1} are missing"
        digest = _digest(digest, entry.place or 0, entry)
        if digest != entry.digest:
            yield f"audit: entry {entry.place} was changed after it was sealed"
            digest = entry.digest or ""
        place = entry.place or 0


def _end_of_chain(session: Session) -> tuple[int, str]:
    last = session.execute(
        sa.select(AuditEntry.place, AuditEntry.digest)
        .where(AuditEntry.place.is_not(None))
        .order_by(AuditEntry.place.desc())
        .limit(1)
    ).first()
    return (last.place or 0, last.digest or BEGINNING) if last else (0, BEGINNING)


def _digest(before: str, place: int, entry: AuditEntry) -> str:
    content = json.dumps(
        [
            before,
            place,
            entry.at.timestamp(),
            entry.company_id,
            entry.actor,
            entry.action,
            entry.subject,
            entry.details,
            entry.source,
        ],
        ensure_ascii=True,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).hexdigest()
