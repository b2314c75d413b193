"""People of a ledger on the books: only in known homes, only within the company."""

from datetime import datetime
from secrets import token_hex

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.tables import AuditEntry
from models.errors import Refusal
from models.estate.actions import import_homes
from models.estate.addresses import Address
from models.estate.ledger_rows import HomeRow, ResidentRow
from models.estate.tables import Community, Company, Home
from models.imports.tables import Import
from models.people.actions_import import import_residents
from models.people.tables import Person, Resident

PLACE = Address("3", "2", "501")
HOME = HomeRow(PLACE, 8937, None, "", None, None, "表!A2")
ZHANG = ResidentRow(PLACE, "张伟", ("13912345678", "02885551234"), "owner", "表!B2")


def community(session: Session, company: str, now: datetime) -> Community:
    owner = Company(name=company, created_at=now)
    session.add(owner)
    session.flush()
    place = Community(company_id=owner.id, name="锦绣花园", created_at=now)
    session.add(place)
    session.flush()
    return place


def an_import(session: Session, place: Community, now: datetime) -> int:
    """The row of a file that is being written; returns its number."""
    brought = Import(
        company_id=place.company_id, community_id=place.id, kind="homes", name="台账.xlsx", sha256=token_hex(32),
        state="done", by="command", source="command", created_at=now,
    )  # fmt: skip
    session.add(brought)
    session.flush()
    return brought.id


def take_in(session: Session, place: Community, now: datetime) -> None:
    number = an_import(session, place, now)
    import_homes(session, place, [HOME], now=now, by="command", source="test", import_id=number)
    import_residents(session, place, [ZHANG], now=now, by="command", source="test", import_id=number)


def test_a_person_comes_with_both_phones_and_a_tie_to_the_home(session: Session, now: datetime) -> None:
    take_in(session, community(session, "安居物业", now), now)
    found = session.execute(sa.select(Person, Resident, Home).select_from(Person).join(Resident).join(Home)).one()
    assert (found.Person.name, found.Person.phone, found.Person.phone2) == ("张伟", "13912345678", "02885551234")
    assert (found.Resident.relation, found.Resident.ended_at, found.Home.key) == ("owner", None, "3-2-501")


def test_the_same_person_in_another_company_is_another_row(session: Session, now: datetime) -> None:
    ours, theirs = community(session, "安居物业", now), community(session, "别家物业", now)
    take_in(session, ours, now)
    take_in(session, theirs, now)
    assert sorted(session.scalars(sa.select(Person.company_id))) == sorted([ours.company_id, theirs.company_id])
    assert sorted(session.scalars(sa.select(Home.community_id))) == sorted([ours.id, theirs.id])


def test_people_of_an_unknown_home_are_refused_and_nobody_is_added(session: Session, now: datetime) -> None:
    place = community(session, "安居物业", now)
    number = an_import(session, place, now)
    with pytest.raises(Refusal, match="对不上"):
        import_residents(session, place, [ZHANG], now=now, by="command", source="test", import_id=number)
    assert session.scalars(sa.select(Person)).all() == []


def test_somebody_who_moved_out_and_came_back_gets_a_new_tie(session: Session, now: datetime) -> None:
    place = community(session, "安居物业", now)
    take_in(session, place, now)
    session.scalars(sa.select(Resident)).one().ended_at = now
    session.flush()
    take_in(session, place, now)
    assert session.scalar(sa.select(sa.func.count()).select_from(Resident)) == 2
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1


def test_the_log_says_how_many_and_nobodys_name_or_phone(session: Session, now: datetime) -> None:
    take_in(session, community(session, "安居物业", now), now)
    entries = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.details) for entry in entries] == [
        ("import_homes", {"added": 1, "changed": 0, "unchanged": 0}),
        ("import_residents", {"people": 1, "ties": 1, "changed": 0}),
    ]
