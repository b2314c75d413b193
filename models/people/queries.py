"""Who is bound where, and who is in charge."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import plain
from models.estate.tables import Community, Home, home_key, home_label
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
    return [tie_of(row) for row in session.execute(_TIES, {"account": account, "openid": openid})]


def tie_of(row: Any) -> Tie:
    """A row with the columns of TIE."""
    address = (row.building, row.entrance, row.room)
    return Tie(
        binding_id=row.binding_id,
        home_id=row.home_id,
        community_id=row.community_id,
        community=row.community,
        label=home_label(*address),
        key=home_key(*address),
        relation=row.relation,
        person_id=row.person_id,
        name=row.person_name,
        phone=row.person_phone,
    )


_binding, _home, _community, _person = plain(Binding), plain(Home), plain(Community), plain(Person)

# What a tie is made of, for statements that ask for more than ties in one go.
TIE: tuple[sa.ColumnElement[Any], ...] = (
    _binding.c.id.label("binding_id"),
    _binding.c.home_id,
    _binding.c.relation,
    _binding.c.person_id,
    _home.c.community_id,
    _home.c.building,
    _home.c.entrance,
    _home.c.room,
    _community.c.name.label("community"),
    _person.c.name.label("person_name"),
    _person.c.phone.label("person_phone"),
)


def with_ties(others: sa.FromClause, theirs: sa.ColumnElement[bool]) -> sa.FromClause:
    """`others`, and beside each row its ties, or nothing. One table after the other: what stands in brackets SQLite would
    put together for everybody before it looks for the one."""
    return (
        others.outerjoin(_binding, theirs)
        .outerjoin(_home, _home.c.id == _binding.c.home_id)
        .outerjoin(_community, _community.c.id == _home.c.community_id)
        .outerjoin(_person, _person.c.id == _binding.c.person_id)
    )


# Built once: putting a statement together takes longer than running it.
_TIES = (
    sa.select(*TIE)
    .select_from(
        sa.join(_binding, _home, _home.c.id == _binding.c.home_id)
        .join(_community, _community.c.id == _home.c.community_id)
        .join(_person, _person.c.id == _binding.c.person_id)
    )
    .where(_binding.c.account == sa.bindparam("account"), _binding.c.openid == sa.bindparam("openid"))
    .order_by(_binding.c.id)
)


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


def names_in_log(session: Session, log_names: Iterable[str]) -> dict[str, str]:
    """What the audit log calls staff ("staff:3") → their names; whatever else there is stays as it is."""
    wanted = {name: int(name[6:]) for name in log_names if name.startswith("staff:") and name[6:].isdecimal()}
    rows = session.execute(sa.select(Staff.id, Staff.name).where(Staff.id.in_(wanted.values()))) if wanted else ()
    known: dict[int, str] = {number: name for number, name in rows}
    return {name: known.get(number, name) for name, number in wanted.items()}


def homes_of_name(
    session: Session, name: str, *, company_id: int, community_ids: Collection[int], limit: int = 20
) -> Sequence[Home]:
    """The homes of these compounds on whose books somebody of this name stands."""
    return session.scalars(
        sa.select(Home)
        .join(Resident, sa.and_(Resident.home_id == Home.id, Resident.ended_at.is_(None)))
        .join(Person, Person.id == Resident.person_id)
        .where(Person.company_id == company_id, Person.name == name, Home.community_id.in_(community_ids))
        .distinct()
        .order_by(Home.community_id, Home.id)
        .limit(limit)
    ).all()


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
