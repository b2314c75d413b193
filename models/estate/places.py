"""Finding public places. Every question takes the scope it may look into."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.place_words import spelling
from models.estate.tables import Community, OfficialAccount, Place, PlaceName


@dataclass(frozen=True)
class Spot:
    """A place with its compound, as people are told where they are."""

    place: Place
    community: str

    @property
    def label(self) -> str:
        """锦绣花园3栋2单元电梯"""
        return f"{self.community}{self.place.label}"


def place_with_code(session: Session, company_id: int | None, code: str) -> Spot | None:
    """The place whose sticker says so; None for no sticker of this company. One statement."""
    return _spot(session, company_id, Place.code == code)


def place_with_code_of_account(session: Session, account: str, code: str) -> Spot | None:
    """The same for somebody of whom only the official account is known. One statement."""
    owner = sa.select(OfficialAccount.company_id).where(OfficialAccount.account == account).scalar_subquery()
    return _spot(session, owner, Place.code == code)


def communities_with_places(session: Session) -> Sequence[int]:
    return session.scalars(sa.select(Place.community_id).distinct().order_by(Place.community_id)).all()


def place_with_tag(session: Session, company_id: int | None, tag: str) -> Spot | None:
    """The place whose sticker has these five letters; None for none of this company. One statement."""
    return _spot(session, company_id, Place.tag == tag)


def places_in(session: Session, community_ids: Sequence[int]) -> list[Spot]:
    """All places of these compounds, in the order of the houses. One statement."""
    rows = session.execute(
        sa.select(Place, Community.name)
        .join(Community, Community.id == Place.community_id)
        .where(Place.community_id.in_(community_ids))
        .order_by(
            Place.community_id,
            sa.func.length(Place.building),
            Place.building,
            sa.func.length(Place.entrance),
            Place.entrance,
            Place.id,
        )
    )
    return [Spot(place, community) for place, community in rows]


def names_a_place(session: Session, company_id: int, text: str) -> bool:
    """Whether the words hold the name of any public place of the company. One statement."""
    found = session.execute(
        sa.select(PlaceName.place_id)
        .join(Community, Community.id == PlaceName.community_id)
        .where(Community.company_id == company_id, stands_in(text))
        .limit(1)
    ).first()
    return found is not None


def stands_in(text: str) -> sa.ColumnElement[bool]:
    """The condition that a place's word stands in the text."""
    return sa.literal(spelling(text)).contains(PlaceName.word)


def _spot(
    session: Session, company_id: int | sa.ScalarSelect[int] | None, which: sa.ColumnElement[bool]
) -> Spot | None:
    row = session.execute(
        sa.select(Place, Community.name)
        .join(Community, Community.id == Place.community_id)
        .where(which, Community.company_id == company_id)
    ).first()
    return Spot(row[0], row[1]) if row is not None else None
