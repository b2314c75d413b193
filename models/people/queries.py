"""Who is bound where, and who is in charge."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import Community, Home
from models.people.tables import Binding, Person, Resident, Staff, StaffArea

MANAGERS = ("manager", "clerk")


@dataclass(frozen=True)
class Tie:
    """A WeChat's binding to one home, as shown to the person themselves."""

    binding_id: int
    home_id: int
    community_id: int
    community: str
    label: str
    key: str
    relation: str
    person_id: int
    name: str
    phone: str


@dataclass(frozen=True)
class Member:
    """Somebody bound to a home."""

    account: str
    openid: str
    name: str
    relation: str


def ties_of(session: Session, account: str, openid: str) -> list[Tie]:
    """The homes this WeChat speaks for, the oldest binding first. One statement."""
    rows = session.execute(
        sa.select(Binding, Home, Community.name, Person)
        .join(Home, Home.id == Binding.home_id)
        .join(Community, Community.id == Home.community_id)
        .join(Person, Person.id == Binding.person_id)
        .where(Binding.account == account, Binding.openid == openid)
        .order_by(Binding.id)
    )
    return [
        Tie(
            binding_id=binding.id,
            home_id=home.id,
            community_id=home.community_id,
            community=community,
            label=home.label,
            key=home.key,
            relation=binding.relation,
            person_id=person.id,
            name=person.name,
            phone=person.phone,
        )
        for binding, home, community, person in rows
    ]


def members_of(session: Session, home_id: int) -> list[Member]:
    """Everybody bound to a home, the oldest binding first."""
    rows = session.execute(
        sa.select(Binding.account, Binding.openid, Person.name, Binding.relation)
        .join(Person, Person.id == Binding.person_id)
        .where(Binding.home_id == home_id)
        .order_by(Binding.id)
    )
    return [Member(account, openid, name, relation) for account, openid, name, relation in rows]


def residents_of(session: Session, home_id: int) -> list[tuple[Person, str]]:
    """(person, relation) of everybody on the books of a home, owners first."""
    rows = session.execute(
        sa.select(Person, Resident.relation)
        .join(Resident, Resident.person_id == Person.id)
        .where(Resident.home_id == home_id, Resident.ended_at.is_(None))
        .order_by(sa.case((Resident.relation == "owner", 0), else_=1), Resident.id)
    )
    return [(person, relation) for person, relation in rows]


def managers_of(session: Session, company_id: int, community_id: int | None = None) -> Sequence[Staff]:
    """The managers and clerks with WeChat who are in charge of a compound (None: of the whole company).

    A manager without any area is in charge of everything.
    """
    return _reachable(session, company_id, _in_charge_of([] if community_id is None else [community_id]))


def staff_to_alarm(session: Session, company_id: int, community_ids: Collection[int] = ()) -> Sequence[Staff]:
    """Whom to call when a person is wanted at once, for these compounds; for all of the company when none is known."""
    if not community_ids:
        return _reachable(session, company_id, sa.true())
    return _reachable(session, company_id, _in_charge_of(community_ids))


def _in_charge_of(community_ids: Collection[int]) -> sa.ColumnElement[bool]:
    areas = sa.select(StaffArea.staff_id).where(StaffArea.staff_id == Staff.id)
    return ~areas.exists() | areas.where(StaffArea.community_id.in_(community_ids)).exists()


def _reachable(session: Session, company_id: int, who: sa.ColumnElement[bool]) -> Sequence[Staff]:
    return session.scalars(
        sa.select(Staff)
        .where(
            Staff.company_id == company_id,
            Staff.role.in_(MANAGERS),
            Staff.openid.is_not(None),
            Staff.left_at.is_(None),
            who,
        )
        .order_by(Staff.id)
    ).all()
