"""Putting public places on the books, and having a code made for each: look first, then write all of it or nothing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.estate.place_codes import new_code, new_tag
from models.estate.place_sheet import PlaceRow
from models.estate.tables import Community, Place, PlaceName

# Somebody who set out to have a code made and never came back: after this another may.
CLAIM_LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class PlaceChange:
    """Other nicknames for a place that is on the books."""

    place_id: int
    row: PlaceRow


@dataclass(frozen=True)
class PlacesPlan:
    """What an import of places will do."""

    new: tuple[PlaceRow, ...]
    changes: tuple[PlaceChange, ...]
    unchanged: int

    @property
    def changes_nothing(self) -> bool:
        return not self.new and not self.changes


def plan_places(session: Session, community_id: int, rows: Sequence[PlaceRow]) -> PlacesPlan:
    """Compare a sheet with the books of one compound: two questions to the database, whatever the size."""
    words: dict[int, set[str]] = {}
    for place_id, word in session.execute(
        sa.select(PlaceName.place_id, PlaceName.word).where(PlaceName.community_id == community_id)
    ):
        words.setdefault(place_id, set()).add(word)
    books = {
        (place.building, place.entrance, place.name): place.id
        for place in session.execute(
            sa.select(Place.id, Place.building, Place.entrance, Place.name).where(Place.community_id == community_id)
        )
    }
    new = tuple(row for row in rows if row.key not in books)
    known = [row for row in rows if row.key in books]
    changes = tuple(
        PlaceChange(books[row.key], row)
        for row in known
        if row.nicknames is not None and row.words != words.get(books[row.key], set())
    )
    return PlacesPlan(new, changes, len(known) - len(changes))


def import_places(
    session: Session, community: Community, rows: Sequence[PlaceRow], *, now: datetime, by: str, source: str
) -> PlacesPlan:
    """Write what `plan_places` says, as the books are now, and return it. A place is never removed: its sticker hangs somewhere."""
    # Two sheets at once for one community wait for each other; both would add the same places otherwise.
    session.execute(sa.select(Community.id).where(Community.id == community.id).with_for_update())
    plan = plan_places(session, community.id, rows)
    tags = new_tags(session, len(plan.new))
    add_places(session, community.id, [(row, new_code(), tag) for row, tag in zip(plan.new, tags, strict=True)], now)
    changed = [change.place_id for change in plan.changes]
    session.execute(sa.delete(PlaceName).where(PlaceName.place_id.in_(changed)))
    _name(session, community.id, [(change.place_id, change.row) for change in plan.changes])
    record(
        session,
        at=now,
        actor=by,
        action="import_places",
        subject=f"community:{community.id}",
        source=source,
        company_id=community.company_id,
        details={"added": len(plan.new), "changed": len(plan.changes), "unchanged": plan.unchanged},
    )
    return plan


def add_places(
    session: Session, community_id: int, places: Sequence[tuple[PlaceRow, str, str]], now: datetime
) -> list[int]:
    """Add places with their (row, code, tag); returns their ids in the same order. Two statements, whatever the number."""
    if not places:
        return []
    rows: list[dict[str, Any]] = [
        {
            "community_id": community_id,
            "building": row.building,
            "entrance": row.entrance,
            "name": row.name,
            "code": code,
            "tag": tag,
            "qr_url": "",
            "created_at": now,
        }
        for row, code, tag in places
    ]
    ids = list(session.scalars(sa.insert(Place).returning(Place.id, sort_by_parameter_order=True), rows))
    _name(session, community_id, [(place_id, row) for place_id, (row, _, _) in zip(ids, places, strict=True)])
    return ids


def new_tags(session: Session, count: int, draw: Callable[[], str] = new_tag) -> list[str]:
    """Five letters for each of `count` places, none of them on a sticker yet."""
    drawn: list[str] = []
    while missing := count - len(drawn):
        fresh = list(dict.fromkeys(tag for tag in (draw() for _ in range(missing)) if tag not in drawn))
        taken = set(session.scalars(sa.select(Place.tag).where(Place.tag.in_(fresh))))
        drawn += [tag for tag in fresh if tag not in taken]
    return drawn


def claim_qr(session: Session, place_id: int, now: datetime) -> bool:
    """Set out to have a permanent code made. False when there is one, or somebody else is at it: nobody asks WeChat twice."""
    claimed = session.execute(
        sa.update(Place)
        .where(
            Place.id == place_id,
            sa.or_(Place.qr_url == "", Place.qr_until.is_not(None)),
            sa.or_(Place.qr_claimed_at.is_(None), Place.qr_claimed_at <= now - CLAIM_LASTS),
        )
        .values(qr_claimed_at=now)
        .returning(Place.id)
        .execution_options(synchronize_session=False)
    ).first()
    return claimed is not None


def keep_qr(session: Session, place_id: int, url: str, *, until: datetime | None) -> None:
    """What WeChat's code for the place says. One that lives for ever is never put away for one that does not."""
    better = sa.true() if until is None else sa.or_(Place.qr_url == "", Place.qr_until.is_not(None))
    session.execute(
        sa.update(Place)
        .where(Place.id == place_id, better)
        .values(qr_url=url, qr_until=until)
        .execution_options(synchronize_session=False)
    )


def give_up_qr(session: Session, place_id: int) -> None:
    """WeChat did not make one: the next who wants one need not wait."""
    session.execute(
        sa.update(Place)
        .where(Place.id == place_id)
        .values(qr_claimed_at=None)
        .execution_options(synchronize_session=False)
    )


def _name(session: Session, community_id: int, named: Collection[tuple[int, PlaceRow]]) -> None:
    rows = [
        {"place_id": place_id, "word": word, "community_id": community_id}
        for place_id, row in named
        for word in sorted(row.words)
    ]
    if rows:
        session.execute(sa.insert(PlaceName), rows)
