"""Where a report stands: its compound and home, the public place it speaks of, and what the company has laid down for it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import plain
from models.errors import NotFound
from models.estate.place_words import meant, spelling
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
    asked = {
        "company": company_id,
        "community": community_id,
        "category": category,
        "home": home_id,
        "place": place_id,
        "said": spelling(problem),
    }
    rows = session.execute(_question(home_id is not None, place_id is not None), asked).all()
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


@cache
def _question(at_home: bool, at_place: bool) -> sa.Select[Any]:
    """Built once: putting a statement together takes longer than running it."""
    community, company, category = plain(Community), plain(Company), plain(Category)
    home, place, name = plain(Home), plain(Place), plain(PlaceName)
    own = sa.and_(category.c.company_id == company.c.id, category.c.code == sa.bindparam("category"), category.c.active)
    columns: list[sa.ColumnElement[Any]] = [
        community.c.name,
        company.c.hotline,
        *(category.c.trade, category.c.scope, category.c.priority, category.c.answer),
        place.c.id.label("place_id"),
        place.c.name.label("place"),
        place.c.building.label("place_building"),
        place.c.entrance.label("place_entrance"),
    ]
    of_all = community.join(company, company.c.id == community.c.company_id).outerjoin(category, own)
    conditions = [community.c.id == sa.bindparam("community"), company.c.id == sa.bindparam("company")]
    locked = []
    if at_home:
        columns += [home.c.building, home.c.entrance, home.c.room]
        of_all = of_all.join(home, home.c.community_id == community.c.id)
        conditions.append(home.c.id == sa.bindparam("home"))
        locked.append(home)
    if at_place:
        columns.append(place.c.name.label("word"))
        of_all = of_all.join(place, place.c.community_id == community.c.id)
        conditions.append(place.c.id == sa.bindparam("place"))
        locked.append(place)
    else:
        spoken_of = sa.and_(
            name.c.community_id == community.c.id, sa.bindparam("said", type_=sa.Text).contains(name.c.word)
        )
        columns.append(name.c.word)
        of_all = of_all.outerjoin(name, spoken_of).outerjoin(place, place.c.id == name.c.place_id)
    question = sa.select(*columns).select_from(of_all).where(*conditions)
    return question.with_for_update(of=locked) if locked else question
