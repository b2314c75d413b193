"""Proving that a home is one's own: by what only a resident knows, or by a one-time code.

Outcomes are returned and not raised, because a wrong guess must stay counted even though it is refused.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.estate.queries import HomeWords, at_address
from models.estate.tables import Community, Home
from models.people import guesses
from models.people.binding import BoundHome, bind, enter_on_books, resident_named
from models.people.codes import VALID_FOR, digest, new_code
from models.people.names import same_name, same_secret
from models.people.tables import BindCode, Person, Resident

_SHORTEST_PHONE = 7


@dataclass(frozen=True)
class Bound:
    homes: tuple[BoundHome, ...]


@dataclass(frozen=True)
class NotProven:
    """Something did not fit; nobody is told what. `wrong_today` counts this person's wrong tries, this one included."""

    wrong_today: int


@dataclass(frozen=True)
class NoTriesLeft:
    """Too many wrong tries today, by this person or for this place."""


@dataclass(frozen=True)
class CodeRefused:
    """A real code that cannot be used (any more)."""

    why: Literal["used", "expired"]


# --- proof: home, name, last four digits of the phone on record -------------------------------------------------------


def bind_by_phone(
    session: Session,
    *,
    account: str,
    openid: str,
    communities: Collection[int],
    words: HomeWords,
    name: str,
    phone4: str,
    now: datetime,
) -> Bound | NotProven | NoTriesLeft:
    """Bind by what only a resident knows. `communities`: where the home may be (one, or all of the company).

    The answer is the same for a wrong home, a wrong name, a wrong phone, an unknown home and a home without a phone on
    record. With several compounds in question, the one where everything fits is meant: nobody needs to be asked.
    """
    who = guesses.guesser(account, openid)
    tries = guesses.begin(session, who, guesses.PER_PERSON, now)
    if tries is None:
        return NoTriesLeft()
    places = {id: guesses.place(id, words.kind, words.building, words.room) for id in sorted(communities)}
    # Always in the same order, so that two people asking for the same places never wait for each other in a circle.
    open_to = [id for id, place in places.items() if guesses.begin(session, place, guesses.PER_PLACE, now) is not None]
    if not open_to:
        guesses.give_back(session, [who], now)
        return NoTriesLeft()
    proven = [row for row in _books(session, open_to, words) if _fits(row[3], name, phone4)]
    if not proven:
        return NotProven(tries)
    guesses.give_back(session, [who, *(places[id] for id in open_to)], now)
    homes = tuple(
        bind(
            session,
            account=account,
            openid=openid,
            home=home,
            community=community,
            person=person,
            relation=resident.relation,
            proof="phone",
            now=now,
        )
        for home, community, resident, person in proven
    )
    return Bound(homes)


_Row = tuple[Home, Community, Resident, Person]


def _books(session: Session, communities: Sequence[int], words: HomeWords) -> list[_Row]:
    rows = session.execute(
        sa.select(Home, Community, Resident, Person)
        .join(Community, Community.id == Home.community_id)
        .join(Resident, Resident.home_id == Home.id)
        .join(Person, Person.id == Resident.person_id)
        .where(Home.community_id.in_(communities), at_address(words), Resident.ended_at.is_(None))
        .order_by(Home.id, Resident.id)
    )
    return [(home, community, resident, person) for home, community, resident, person in rows]


def _fits(person: Person, name: str, phone4: str) -> bool:
    phones = [phone[-4:] for phone in (person.phone, person.phone2) if len(phone) >= _SHORTEST_PHONE]
    # Every comparison is made, whatever the one before it said.
    right_phone = any([same_secret(phone4, phone) for phone in phones])
    right_name = same_name(name, person.name)
    return right_phone and right_name


# --- one-time codes ---------------------------------------------------------------------------------------------------


def make_bind_code(
    session: Session,
    *,
    home_id: int,
    relation: str,
    name: str,
    made_by: str,
    staff_id: int | None,
    company_id: int,
    pepper: str,
    now: datetime,
) -> str:
    """A code that binds one WeChat to this home as `name`. It is shown once: only its digest is kept.

    Somebody of that name on the home's books is who the code is for, with the relation written there.
    """
    code = new_code("home")
    on_books = resident_named(session, home_id, name)
    session.add(
        BindCode(
            digest=digest(code, pepper),
            home_id=home_id,
            person_id=on_books.person_id if on_books else None,
            name=name,
            relation=on_books.relation if on_books else relation,
            expires_at=now + VALID_FOR,
            made_by=staff_id,
        )
    )
    record(
        session,
        at=now,
        company_id=company_id,
        actor=made_by,
        action="home.code",
        subject=f"home:{home_id}",
        details={"relation": relation},
        source="chat",
    )
    session.flush()
    return code


def bind_by_code(
    session: Session, *, account: str, openid: str, company_id: int, code: str, pepper: str, now: datetime
) -> Bound | CodeRefused | NotProven | NoTriesLeft:
    """Use a one-time code. Of two people with the same code at the same moment, one is bound."""
    who = guesses.guesser(account, openid)
    tries = guesses.begin(session, who, guesses.PER_PERSON, now)
    if tries is None:
        return NoTriesLeft()
    found = session.execute(
        sa.select(BindCode, Home, Community)
        .join(Home, Home.id == BindCode.home_id)
        .join(Community, Community.id == Home.community_id)
        .where(BindCode.digest == digest(code, pepper), Community.company_id == company_id)
    ).first()
    if found is None:
        return NotProven(tries)
    guesses.give_back(session, [who], now)
    row, home, community = found
    if row.expires_at <= now:
        return CodeRefused("expired")
    if not _claim(session, row.id, now):
        return CodeRefused("used")
    person, relation = _person_of_code(session, row, company_id, now)
    bound = bind(
        session,
        account=account,
        openid=openid,
        home=home,
        community=community,
        person=person,
        relation=relation,
        proof="code",
        now=now,
    )
    return Bound((bound,))


def _claim(session: Session, code_id: int, now: datetime) -> bool:
    claimed = session.execute(
        sa.update(BindCode)
        .where(BindCode.id == code_id, BindCode.used_at.is_(None))
        .values(used_at=now)
        .returning(BindCode.id)
        .execution_options(synchronize_session=False)
    ).first()
    return claimed is not None


def _person_of_code(session: Session, row: BindCode, company_id: int, now: datetime) -> tuple[Person, str]:
    if row.person_id is not None:
        return session.get_one(Person, row.person_id), row.relation
    return enter_on_books(
        session, company_id=company_id, home_id=row.home_id, name=row.name, phone="", relation=row.relation, now=now
    )
