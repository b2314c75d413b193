"""Taking a ledger of homes onto the books: look first, then write all of it or nothing. Homes are never removed by a ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.bulk import insert_many, update_many
from models.estate.ledger_rows import HomeRow
from models.estate.ledger_values import square_metres
from models.estate.tables import Community, Home

HomeKey = tuple[str, str, str]


@dataclass(frozen=True)
class HomeChange:
    """What a ledger says differently about a home that is on the books. `says` is for people: 面积 89.37 → 90.12."""

    home_id: int
    label: str
    before: dict[str, int | None]
    values: dict[str, int]
    says: str


@dataclass(frozen=True)
class HomesPlan:
    """What an import of homes will do."""

    new: tuple[HomeRow, ...]
    changes: tuple[HomeChange, ...]
    unchanged: int


def plan_homes(session: Session, community_id: int, rows: Sequence[HomeRow]) -> HomesPlan:
    """Compare a ledger with the books of one community: one question to the database, whatever the size."""
    books = {
        (home.building, home.entrance, home.room): home
        for home in session.execute(
            sa.select(Home.id, Home.building, Home.entrance, Home.room, Home.area, Home.floor)
            .where(Home.community_id == community_id)
            .execution_options(yield_per=2_000)
        )
    }
    new = tuple(row for row in rows if key_of(row) not in books)
    compared = [_change(books[key_of(row)], row) for row in rows if key_of(row) in books]
    changes = tuple(change for change in compared if change)
    return HomesPlan(new, changes, len(compared) - len(changes))


def wait_for_other_ledgers(session: Session, community_id: int) -> None:
    """Two ledgers at once for one community wait for each other; both would add the same homes otherwise.

    Orders and bindings of the community, which only point at its row, do not wait.
    """
    session.execute(sa.select(Community.id).where(Community.id == community_id).with_for_update(key_share=True))


def import_homes(
    session: Session,
    community: Community,
    rows: Sequence[HomeRow],
    *,
    now: datetime,
    by: str,
    source: str,
    import_id: int,
) -> HomesPlan:
    """Write what `plan_homes` says, as the books are now, and return it. What the ledger leaves empty stays as it is."""
    wait_for_other_ledgers(session, community.id)
    plan = plan_homes(session, community.id, rows)
    insert_many(session, Home, (_values(community.id, row, now, import_id) for row in plan.new))
    # Grouped by which columns change, so that each group is one statement for the driver.
    for columns in {tuple(change.values) for change in plan.changes}:
        update_many(
            session,
            Home,
            ({"id": change.home_id, **change.values} for change in plan.changes if tuple(change.values) == columns),
        )
    record(
        session,
        at=now,
        actor=by,
        action="import_homes",
        subject=f"community:{community.id}",
        source=source,
        company_id=community.company_id,
        details={"added": len(plan.new), "changed": len(plan.changes), "unchanged": plan.unchanged},
    )
    return plan


def key_of(row: HomeRow) -> HomeKey:
    return (row.address.building, row.address.entrance, row.address.door)


def _change(home: Any, row: HomeRow) -> HomeChange | None:
    values: dict[str, int] = {}
    before: dict[str, int | None] = {}
    says = []
    if row.area is not None and row.area != home.area:
        values["area"], before["area"] = row.area, home.area
        old = "空" if home.area is None else square_metres(home.area)
        says.append(f"面积 {old} → {square_metres(row.area)}")
    if row.floor is not None and row.floor != home.floor:
        values["floor"], before["floor"] = row.floor, home.floor
        says.append(f"楼层 {'空' if home.floor is None else home.floor} → {row.floor}")
    return HomeChange(home.id, row.address.label, before, values, "，".join(says)) if values else None


def _values(community_id: int, row: HomeRow, now: datetime, import_id: int) -> dict[str, Any]:
    building, entrance, room = key_of(row)
    return {
        "community_id": community_id,
        "building": building,
        "entrance": entrance,
        "room": room,
        "kind": row.address.kind,
        "floor": row.floor,
        "area": row.area,
        "created_at": now,
        "import_id": import_id,
    }
