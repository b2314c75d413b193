"""Taking the people of a ledger onto the books: look first, then write all of it or nothing."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.errors import Refusal
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
    homes_to_come: frozenset[HomeKey] = frozenset(),
) -> TiesPlan:
    """Compare a ledger with the books: three questions to the database, whatever the size.

    `homes_to_come` are homes that the same import will add before its people.
    """
    return plan_ties(
        rows,
        frozenset(_homes(session, community.id)) | homes_to_come,
        _ties(session, community.id),
        {
            (plain_name(person.name), person.phone): person.id
            for person in session.execute(
                sa.select(Person.id, Person.name, Person.phone)
                .where(Person.company_id == community.company_id, Person.phone != "")
                .order_by(Person.id.desc())
            )
        },
    )


def import_residents(
    session: Session, community: Community, rows: Sequence[ResidentRow], *, now: datetime, by: str, source: str
) -> TiesPlan:
    """Write what `plan_residents` says, as the books are now, and return it. Raises Refusal when a home is not on the books."""
    session.execute(sa.select(Community.id).where(Community.id == community.id).with_for_update())
    plan = plan_residents(session, community, rows)
    if plan.unknown_homes or plan.contradictions:
        raise Refusal("台账里有对不上的住户，什么也没有写入。")
    _write(session, community, plan, now)
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


def _write(session: Session, community: Community, plan: TiesPlan, now: datetime) -> None:
    homes = _homes(session, community.id)
    ids: Sequence[int] = ()
    if plan.new_people:
        people = [
            {
                "company_id": community.company_id,
                "name": row.name,
                "phone": two_phones(row)[0],
                "phone2": two_phones(row)[1],
                "created_at": now,
            }
            for row in plan.new_people
        ]
        ids = session.scalars(sa.insert(Person).returning(Person.id, sort_by_parameter_order=True), people).all()
    if plan.new_ties:
        ties = [
            {
                "home_id": homes[home_key(row)],
                "person_id": person_id if place is None else ids[place],
                "relation": row.relation,
                "created_at": now,
            }
            for row, person_id, place in plan.new_ties
        ]
        session.execute(sa.insert(Resident), ties)
    if plan.new_phones:
        phones = [{"id": person, "phone": one, "phone2": two} for person, (one, two) in plan.new_phones.items()]
        session.execute(sa.update(Person), phones)
    if plan.new_relations:
        relations = [{"id": tie, "relation": relation} for tie, relation in plan.new_relations.items()]
        session.execute(sa.update(Resident), relations)


def _homes(session: Session, community_id: int) -> dict[HomeKey, int]:
    homes = session.execute(
        sa.select(Home.id, Home.building, Home.entrance, Home.room).where(Home.community_id == community_id)
    )
    return {(home.building, home.entrance, home.room): home.id for home in homes}


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
