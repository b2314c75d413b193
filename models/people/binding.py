"""绑定 and 解绑: a WeChat comes to speak for a home and stops doing so. Whether it may is decided before (proofs.py, requests.py)."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.db import insert_or_ignore
from models.estate.tables import Community, Home
from models.messaging import outbox
from models.people import kinds  # noqa: F401 (importing it declares the kinds of messages)
from models.people.names import same_name, wechat_name
from models.people.queries import members_of
from models.people.rights import IN_CHINESE
from models.people.tables import Binding, Person, Resident


@dataclass(frozen=True)
class BoundHome:
    """`fresh` is False when this WeChat spoke for the home already."""

    home_id: int
    community: str
    label: str
    relation: str
    person_id: int
    name: str
    fresh: bool = True

    @property
    def place(self) -> str:
        """锦绣花园3栋2单元501"""
        return f"{self.community}{self.label}"


def bind(
    session: Session,
    *,
    account: str,
    openid: str,
    home: Home,
    community: Community,
    person: Person,
    relation: str,
    proof: str,
    actor: str = "",
    now: datetime,
) -> BoundHome:
    """Let this WeChat speak for the home (again: with the relation proven last). The owners bound there are told.

    `proof`: phone, code, manager or demo. `actor`: who did it, if it was not the resident.
    """
    tie = {"person_id": person.id, "relation": relation, "proof": proof, "bound_at": now}
    key = {"account": account, "openid": openid, "home_id": home.id}
    fresh = insert_or_ignore(session, Binding, key | tie)
    if not fresh:
        session.execute(
            sa.update(Binding)
            .where(*(getattr(Binding, name) == value for name, value in key.items()))
            .values(**tie)
            .execution_options(synchronize_session=False)
        )
    record(
        session,
        at=now,
        company_id=community.company_id,
        actor=actor or f"resident:{person.id}",
        action="home.bind",
        subject=f"home:{home.id}",
        details={"who": wechat_name(account, openid), "relation": relation, "proof": proof},
        source="chat",
    )
    bound = BoundHome(home.id, community.name, home.label, relation, person.id, person.name, fresh)
    if fresh:
        _tell_owners(session, account, openid, bound, now)
    return bound


def _tell_owners(session: Session, account: str, openid: str, bound: BoundHome, now: datetime) -> None:
    data = {"home": bound.place, "name": bound.name, "relation": IN_CHINESE[bound.relation]}
    for member in members_of(session, bound.home_id):
        if member.relation == "owner" and (member.account, member.openid) != (account, openid):
            outbox.put(
                session,
                account=member.account,
                openid=member.openid,
                kind="binding_added",
                data=data,
                dedupe_key=f"{bound.home_id}:{wechat_name(account, openid)}:{now.isoformat()}",
                now=now,
            )


def unbind(session: Session, *, account: str, openid: str, home_id: int, company_id: int | None, now: datetime) -> bool:
    """This WeChat no longer speaks for the home; the books stay as they are. False if it did not anyway."""
    gone = session.execute(
        sa.delete(Binding)
        .where(Binding.account == account, Binding.openid == openid, Binding.home_id == home_id)
        .returning(Binding.person_id)
        .execution_options(synchronize_session=False)
    ).first()
    if gone is None:
        return False
    record(
        session,
        at=now,
        company_id=company_id,
        actor=f"resident:{gone.person_id}",
        action="home.unbind",
        subject=f"home:{home_id}",
        details={"who": wechat_name(account, openid)},
        source="chat",
    )
    return True


# --- the books --------------------------------------------------------------------------------------------------------


def enter_on_books(
    session: Session, *, company_id: int, home_id: int, name: str, phone: str, relation: str, now: datetime
) -> tuple[Person, str]:
    """The person of that name at this home with the relation on the books; entered as `relation` if not there yet."""
    on_books = resident_named(session, home_id, name)
    if on_books is not None:
        return session.get_one(Person, on_books.person_id), on_books.relation
    person = Person(company_id=company_id, name=name, phone=phone, created_at=now)
    session.add(person)
    session.flush()
    session.add(Resident(home_id=home_id, person_id=person.id, relation=relation, created_at=now))
    session.flush()
    return person, relation


def resident_named(session: Session, home_id: int, name: str) -> Resident | None:
    rows = session.execute(
        sa.select(Resident, Person.name)
        .join(Person, Person.id == Resident.person_id)
        .where(Resident.home_id == home_id, Resident.ended_at.is_(None))
        .order_by(Resident.id)
    )
    return next((resident for resident, on_record in rows if same_name(name, on_record)), None)
