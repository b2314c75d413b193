"""Who deals with money at the desk, and what of it is theirs. For everybody else these pages do not exist."""

from dataclasses import dataclass
from datetime import datetime

from flask import abort, current_app, request
from sqlalchemy.orm import Session

from bot.services import Services
from handlers.speaker import Person
from handlers.staff_at_desk import the_person
from models.db import SHANGHAI
from models.estate.queries import communities_of
from models.estate.tables import Community, Home

# "manager" stands for clerks too (handlers/speaker.py).
OFFICE = frozenset({"cashier", "clerk", "manager"})
BOOKS = frozenset({"cashier", "manager"})
MANAGERS = frozenset({"manager"})

LARGEST_ID = 2**63 - 1  # a number no database column holds is the number of nothing

# The pages about money, as they stand beside each other on each of them: (endpoint, words, who). A new page stands here.
PLACES: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("desk_money", "概况", OFFICE),
    ("desk_homes", "找房收款", OFFICE),
    ("desk_debtors", "欠费", OFFICE),
    ("desk_runs", "出账", MANAGERS),
    ("desk_receipts", "收据", OFFICE),
    ("desk_reconcile", "对账", BOOKS),
    ("desk_debit", "银行代扣", BOOKS),
    ("desk_months", "月结", BOOKS),
    ("desk_tariffs", "收费标准", MANAGERS),
)

# What can be done for one home, as it stands on the home's page; each takes `home_id`.
OF_A_HOME: tuple[tuple[str, str, frozenset[str]], ...] = (("desk_counter", "收款", OFFICE),)


@dataclass(frozen=True)
class Office:
    """Somebody of the office, with the rights of this very moment."""

    person: Person
    company_id: int
    services: Services

    @property
    def now(self) -> datetime:
        return self.services.clock.now().astimezone(SHANGHAI)

    @property
    def by(self) -> str:
        return self.person.log_name

    def may(self, roles: frozenset[str]) -> bool:
        return bool(self.person.roles & roles)

    def compounds(self, session: Session) -> dict[int, Community]:
        """Those this person is in charge of, by number."""
        found = communities_of(session, self.company_id, only=self.person.community_ids)
        return {community.id: community for community in found}

    def chosen(self, session: Session) -> tuple[dict[int, Community], dict[int, Community]]:
        """(theirs, those that the address asks for): all of them when it names none of theirs."""
        theirs = self.compounds(session)
        asked = number_asked("compound")
        return theirs, {asked: theirs[asked]} if asked in theirs else theirs

    def home(self, session: Session, number: int) -> tuple[Home, Community]:
        """A home of a compound of theirs; for everybody else there is none of this number."""
        home = session.get(Home, number)
        community = session.get(Community, home.community_id) if home is not None else None
        if home is None or community is None or not self.looks_after(community):
            abort(404)
        return home, community

    def looks_after(self, community: Community) -> bool:
        mine = self.person.community_ids
        return community.company_id == self.company_id and (mine is None or community.id in mine)


def office(roles: frozenset[str] = OFFICE) -> Office:
    """Whoever looks at the page in hand, if it is for them."""
    person = the_person()
    if person.company_id is None or not person.roles & roles:
        abort(404)
    services: Services = current_app.extensions["services"]
    return Office(person, person.company_id, services)


def money_places() -> list[tuple[str, str]]:
    """The pages about money that the visitor may open."""
    roles = the_person().roles
    return [(endpoint, words) for endpoint, words, who in PLACES if roles & who]


def home_places() -> list[tuple[str, str]]:
    """What the visitor may do for a home."""
    roles = the_person().roles
    return [(endpoint, words) for endpoint, words, who in OF_A_HOME if roles & who]


def number_asked(name: str) -> int | None:
    """A number in the address; nonsense asks for nothing."""
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and int(value) <= LARGEST_ID else None


def words_asked(name: str, longest: int = 50) -> str:
    return request.args.get(name, "").replace("\0", "").strip()[:longest]
