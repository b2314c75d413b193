"""Finding companies, compounds and homes. Every question takes the scope it may look into."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.addresses import find_addresses
from models.estate.misheard import as_meant
from models.estate.tables import Community, Company, Home, OfficialAccount, home_label


class HomeWords(Protocol):
    """Where a home is said to be, part by part as the table of homes keeps them; a part that was not said is ""."""

    @property
    def building(self) -> str: ...
    @property
    def entrance(self) -> str: ...
    @property
    def room(self) -> str: ...
    @property
    def kind(self) -> str: ...


@dataclass(frozen=True)
class SaidHome:
    """The parts of a home that were said. `room` is what stands on the door: 501, 商铺12, 车位B1-056."""

    building: str = ""
    entrance: str = ""
    room: str = ""
    kind: str = "home"

    @property
    def label(self) -> str:
        return home_label(self.building, self.entrance, self.room)

    @property
    def complete(self) -> bool:
        """Building and room are known; the entrance may be missing, because many buildings have only one."""
        return bool(self.room and (self.building or self.kind != "home"))


def said_homes(text: str, *, bare_room: bool = False) -> list[SaidHome]:
    """The homes a sentence names; with `bare_room` a lone number is one, too."""
    found = find_addresses(as_meant(text), bare_room=bare_room)
    return [SaidHome(home.building, home.entrance, home.door, home.kind) for home in found]


def company_of(session: Session, account: str) -> Company | None:
    """Whose official account this is; None for an account nobody registered."""
    return session.scalar(
        sa.select(Company)
        .join(OfficialAccount, OfficialAccount.company_id == Company.id)
        .where(OfficialAccount.account == account)
    )


def company_by_id(session: Session, company_id: int | None) -> Company | None:
    return session.get(Company, company_id) if company_id is not None else None


def communities_of(session: Session, company_id: int, *, only: Collection[int] | None = None) -> Sequence[Community]:
    """The company's compounds in the order they were added; `only` narrows them to a person's scope (None: all)."""
    query = sa.select(Community).where(Community.company_id == company_id).order_by(Community.id)
    if only is not None:
        query = query.where(Community.id.in_(only))
    return session.scalars(query).all()


def communities_named(text: str, communities: Sequence[Community]) -> list[Community]:
    """Which of these compounds the words speak of, by whole name or without its ending (锦绣 for 锦绣花园)."""
    whole = [community for community in communities if community.name in text]
    return whole or [community for community in communities if (short := _short(community.name)) and short in text]


_ENDINGS = ("小区", "花园", "家园", "公寓", "苑", "园", "里", "庭", "府", "湾", "村", "院", "城")


def _short(name: str) -> str:
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name.removesuffix(ending)
    return ""


def at_address(words: HomeWords) -> sa.ColumnElement[bool]:
    """The condition for a home to be meant by these words; what was not said may be anything."""
    said = {Home.building: words.building, Home.entrance: words.entrance, Home.room: words.room}
    return sa.and_(Home.kind == words.kind, *(column == value for column, value in said.items() if value))


def find_homes(
    session: Session,
    words: HomeWords,
    *,
    company_id: int | None = None,
    community_ids: Collection[int] | None = None,
    limit: int = 20,
) -> Sequence[Home]:
    """The homes meant by these words, in the order of the books, within a company or within some compounds.

    Raises ValueError without any scope: a search through everybody's homes is never what is wanted.
    """
    if company_id is None and community_ids is None:
        raise ValueError("say in which company or compounds to look")
    query = sa.select(Home).where(at_address(words)).order_by(Home.community_id, Home.id).limit(limit)
    if company_id is not None:
        query = query.join(Community, Community.id == Home.community_id).where(Community.company_id == company_id)
    if community_ids is not None:
        query = query.where(Home.community_id.in_(community_ids))
    return session.scalars(query).all()
