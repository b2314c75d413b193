from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import broken_links, record, seal
from models.audit.tables import AuditEntry


@pytest.fixture
def sealed(session: Session, now: datetime) -> Session:
    for number in range(1, 6):
        record(session, at=now, actor="staff:1", action="order.take", subject=f"order:{number}", source="chat")
    seal(session)
    return session


def test_a_sealed_chain_holds(sealed: Session) -> None:
    assert list(broken_links(sealed)) == []
    assert [entry.place for entry in sealed.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))] == [1, 2, 3, 4, 5]


def test_a_second_seal_goes_on_where_the_first_ended(sealed: Session, now: datetime) -> None:
    record(sealed, at=now, actor="system", action="order.close", subject="order:1", source="system")
    assert seal(sealed) == 1
    assert list(broken_links(sealed)) == []


def test_a_changed_entry_is_found(sealed: Session) -> None:
    sealed.execute(sa.update(AuditEntry).where(AuditEntry.place == 3).values(subject="order:99"))
    assert list(broken_links(sealed)) == ["audit: entry 3 was changed after it was sealed"]


def test_a_removed_entry_is_found(sealed: Session) -> None:
    sealed.execute(sa.delete(AuditEntry).where(AuditEntry.place == 2))
    assert "audit: entries 2 to 2 are missing" in list(broken_links(sealed))


def test_two_entries_that_changed_places_are_found(sealed: Session) -> None:
    for place, other in ((2, 90), (3, 2), (90, 3)):
        sealed.execute(sa.update(AuditEntry).where(AuditEntry.place == place).values(place=other))
    assert "audit: entry 2 was changed after it was sealed" in list(broken_links(sealed))
