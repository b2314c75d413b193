"""Taking the people of a ledger onto the books: look first, then write all of it or nothing."""

from array import array
from collections.abc import Container, Sequence
from datetime import datetime
from sys import intern

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.bulk import insert_many, update_many
from models.errors import Refusal
from models.estate.actions import wait_for_other_ledgers
from models.estate.addresses import Address
from models.estate.ledger_rows import ResidentRow
from models.estate.tables import Community, Home
from models.people.ledger_ties import HomeKey, Tie, TiesPlan, home_key, plan_ties, two_phones
from models.people.names import plain_name
from models.people.tables import Person, Resident


def plan_residents(
    session: Session,
    community: Community,
    rows: Sequence[ResidentRow],
    *,
    homes_to_come: Container[Address] = frozenset(),
) -> TiesPlan:
    """Compare a ledger with the books: three questions to the database, whatever the size.

    `homes_to_come` are homes that the same import will add before its people.
    """
    return _planned(session, community, rows, _homes(session, community.id), homes_to_come)


def _planned(
    session: Session,
    community: Community,
    rows: Sequence[ResidentRow],
    homes: Container[HomeKey],
    coming: Container[Address] = frozenset(),
) -> TiesPlan:
    return plan_ties(
        rows,
        homes,
        _ties(session, community.id),
        {
            (plain_name(person.name), person.phone): person.id
            for person in session.execute(
                sa.select(Person.id, Person.name, Person.phone)
                .where(Person.company_id == community.company_id, Person.phone != "")
                .order_by(Person.id.desc())
                .execution_options(yield_per=2_000)
            )
        },
        coming,
    )


def import_residents(
    session: Session,
    community: Community,
    rows: Sequence[ResidentRow],
    *,
    now: datetime,
    by: str,
    source: str,
    import_id: int,
) -> TiesPlan:
    """Write what `plan_residents` says, as the books are now, and return it. Raises Refusal when a home is not on the books."""
    wait_for_other_ledgers(session, community.id)
    homes = _homes(session, community.id)
    plan = _planned(session, community, rows, homes)
    if plan.unknown_homes or plan.contradictions:
        raise Refusal("台账里有对不上的住户，什么也没有写入。")
    _write(session, community, plan, homes, now, import_id)
    record(
        session,
        at=now,
        actor=by,
        action="import_residents",
        subject=f"community:{community.id}",
        source=source,
        company_id=community.company_id,
        details={"people": len(plan.new_people), "ties": len(plan.new_ties), "changed": len(plan.changes)},
    )
    return plan


def _write(
    session: Session, community: Community, plan: TiesPlan, homes: dict[HomeKey, int], now: datetime, import_id: int
) -> None:
    ids = _add_people(session, community.company_id, plan.new_people, now, import_id)
    ties = (
        {
            "home_id": homes[home_key(row)],
            "person_id": person_id if place is None else ids[place],
            "relation": row.relation,
            "created_at": now,
            "import_id": import_id,
        }
        for row, person_id, place in plan.new_ties
    )
    insert_many(session, Resident, ties)
    phones = ({"id": person, "phone": one, "phone2": two} for person, (one, two) in plan.new_phones.items())
    update_many(session, Person, phones)
    update_many(session, Resident, ({"id": tie, "relation": part} for tie, part in plan.new_relations.items()))


def _add_people(
    session: Session, company_id: int, rows: Sequence[ResidentRow], now: datetime, import_id: int
) -> "array[int]":
    """Their numbers, in the order of the rows: numbers are given in the order in which rows arrive."""
    if not rows:
        return array("q")
    people = (
        {
            "company_id": company_id,
            "name": row.name,
            "phone": two_phones(row)[0],
            "phone2": two_phones(row)[1],
            "created_at": now,
            "import_id": import_id,
        }
        for row in rows
    )
    insert_many(session, Person, people)
    added = session.execute(
        sa.select(Person.id, Person.name)
        .where(Person.company_id == company_id, Person.import_id == import_id)
        .order_by(Person.id)
        .execution_options(yield_per=2_000)
    )
    ids = array("q")
    for row, (number, name) in zip(rows, added, strict=True):
        if row.name != name:
            raise RuntimeError("people were numbered in another order than they were added")
        ids.append(number)
    return ids


def _homes(session: Session, community_id: int) -> dict[HomeKey, int]:
    homes = session.execute(
        sa.select(Home.id, Home.building, Home.entrance, Home.room)
        .where(Home.community_id == community_id)
        .execution_options(yield_per=2_000)
    )
    # The few names of buildings and doors are kept once and not for each home: this is the largest thing of an import.
    return {(intern(building), intern(entrance), intern(room)): id for id, building, entrance, room in homes}


def _ties(session: Session, community_id: int) -> list[Tie]:
    rows = session.execute(
        sa.select(Resident, Person, Home.building, Home.entrance, Home.room)
        .join(Person, Person.id == Resident.person_id)
        .join(Home, Home.id == Resident.home_id)
        .where(Home.community_id == community_id, Resident.ended_at.is_(None))
        .order_by(Resident.id)
    )
    return [
        Tie(tie.id, (building, entrance, room), person.id, person.name, person.phone, person.phone2, tie.relation)
        for tie, person, building, entrance, room in rows
    ]
