"""Where a report stands: its compound and home, the public place it speaks of, and what the company has laid down for it."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.estate.place_words import meant
from models.estate.places import stands_in
from models.estate.tables import Community, Company, Home, Place, PlaceName, home_label
from models.workorders.categories import default_of
from models.workorders.tables import Category
from models.workorders.words import speaks_of_inside


@dataclass(frozen=True)
class Ground:
    """`place_id` is None, and `place` "", when no public place of the books is meant."""

    community: str
    hotline: str
    building: str
    label: str
    trade: str
    scope: str
    priority: str
    answer: str
    place_id: int | None = None
    place: str = ""

    @property
    def home_label(self) -> str:
        """The home as it goes into "where": at a public place the home says nothing about where to go."""
        return "" if self.place_id is not None else self.label


def ground_of(
    session: Session,
    company_id: int,
    community_id: int,
    home_id: int | None,
    place_id: int | None,
    category: str,
    problem: str,
) -> Ground:
    """One statement. Raises NotFound for a home or place that is not of this community, or a community not of this company.

    The home's row is locked, so that two people of one home who report at once make one order; and the row of a place that
    was scanned, so that the second of two who scan it at once hears of the first.
    """
    own = sa.and_(Category.company_id == company_id, Category.code == category, Category.active)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            Community.name,
            Company.hotline,
            Category.trade,
            Category.scope,
            Category.priority,
            Category.answer,
            Place.id.label("place_id"),
            Place.name.label("place"),
            Place.building.label("place_building"),
            Place.entrance.label("place_entrance"),
        )
        .select_from(Community)
        .join(Company, Company.id == Community.company_id)
        .outerjoin(Category, own)
        .where(Community.id == community_id, Community.company_id == company_id)
    )
    locked: list[type[Home | Place]] = []
    if home_id is not None:
        query = query.add_columns(Home.building, Home.entrance, Home.room)
        query = query.join(Home, Home.community_id == Community.id).where(Home.id == home_id)
        locked.append(Home)
    if place_id is not None:
        query = query.add_columns(Place.name.label("word"))
        query = query.join(Place, Place.community_id == Community.id).where(Place.id == place_id)
        locked.append(Place)
    else:
        spoken_of = sa.and_(PlaceName.community_id == Community.id, stands_in(problem))
        query = query.add_columns(PlaceName.word)
        query = query.outerjoin(PlaceName, spoken_of).outerjoin(Place, Place.id == PlaceName.place_id)
    if locked:
        query = query.with_for_update(of=locked)
    rows = session.execute(query).all()
    if not rows:
        raise NotFound("没有找到这个地址，请核对一下。")
    row = rows[0]
    home = (row.building, row.entrance, row.room) if home_id is not None else ("", "", "")
    named = [
        _Named(row.place_id, row.word, row.place_building, row.place_entrance, row.place) for row in rows if row.word
    ]
    if place_id is None and speaks_of_inside(problem):
        named = []
    place = named[0] if place_id is not None else meant(problem, named, building=home[0], entrance=home[1])
    usual = default_of(category)
    return Ground(
        community=row.name,
        hotline=row.hotline,
        building=(place.building if place is not None else "") or home[0],
        label=home_label(*home),
        trade=row.trade or usual.trade,
        scope=row.scope or usual.scope,
        priority=row.priority or usual.priority,
        answer=row.answer or usual.answer,
        place_id=place.place_id if place is not None else None,
        place=place.label if place is not None else "",
    )


@dataclass(frozen=True)
class _Named:
    """A place that a word of the sentence names."""

    place_id: int
    word: str
    building: str
    entrance: str
    name: str

    @property
    def label(self) -> str:
        return home_label(self.building, self.entrance, "") + self.name
