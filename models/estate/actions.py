"""Taking a ledger of homes onto the books: look first, then write all of it or nothing. Homes are never removed by a ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.db import insert_or_ignore
from models.errors import AlreadyDone
from models.estate.ledger_rows import HomeRow
from models.estate.ledger_values import square_metres
from models.estate.tables import Community, Home, ImportedFile

HomeKey = tuple[str, str, str]


@dataclass(frozen=True)
class HomeChange:
    """What a ledger says differently about a home that is on the books. `says` is for people: 面积 89.37 → 90.12."""

    home_id: int
    label: str
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
            sa.select(Home.id, Home.building, Home.entrance, Home.room, Home.area, Home.floor).where(
                Home.community_id == community_id
            )
        )
    }
    new = tuple(row for row in rows if key_of(row) not in books)
    compared = [_change(books[key_of(row)], row) for row in rows if key_of(row) in books]
    changes = tuple(change for change in compared if change)
    return HomesPlan(new, changes, len(compared) - len(changes))


def import_homes(
    session: Session, community: Community, rows: Sequence[HomeRow], *, now: datetime, by: str, source: str
) -> HomesPlan:
    """Write what `plan_homes` says, as the books are now, and return it. What the ledger leaves empty stays as it is."""
    # Two ledgers at once for one community wait for each other; both would add the same homes otherwise.
    session.execute(sa.select(Community.id).where(Community.id == community.id).with_for_update())
    plan = plan_homes(session, community.id, rows)
    if plan.new:
        session.execute(sa.insert(Home), [_values(community.id, row, now) for row in plan.new])
    # Grouped by which columns change, so that each group is one statement for the driver.
    for columns in {tuple(change.values) for change in plan.changes}:
        same = [{"id": change.home_id, **change.values} for change in plan.changes if tuple(change.values) == columns]
        session.execute(sa.update(Home), same)
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


def imported_before(session: Session, community_id: int, kind: str, sha256: str) -> ImportedFile | None:
    """The earlier import of the same bytes, if there was one."""
    return session.scalar(
        sa.select(ImportedFile).where(
            ImportedFile.community_id == community_id, ImportedFile.kind == kind, ImportedFile.sha256 == sha256
        )
    )


def claim_file(
    session: Session, community: Community, *, kind: str, sha256: str, name: str, summary: dict[str, Any], now: datetime
) -> None:
    """Note that these bytes are taken in by this transaction. Raises AlreadyDone when another one did it first."""
    claimed = insert_or_ignore(
        session,
        ImportedFile,
        {
            "company_id": community.company_id,
            "community_id": community.id,
            "kind": kind,
            "sha256": sha256,
            "name": name[:200],
            "summary": summary,
            "imported_at": now,
        },
    )
    if not claimed:
        raise AlreadyDone("这个文件已经导入过，什么也没有改。")


def key_of(row: HomeRow) -> HomeKey:
    return (row.address.building, row.address.entrance, row.address.door)


def _change(home: Any, row: HomeRow) -> HomeChange | None:
    values: dict[str, int] = {}
    says = []
    if row.area is not None and row.area != home.area:
        values["area"] = row.area
        before = "空" if home.area is None else square_metres(home.area)
        says.append(f"面积 {before} → {square_metres(row.area)}")
    if row.floor is not None and row.floor != home.floor:
        values["floor"] = row.floor
        says.append(f"楼层 {'空' if home.floor is None else home.floor} → {row.floor}")
    return HomeChange(home.id, row.address.label, values, "，".join(says)) if values else None


def _values(community_id: int, row: HomeRow, now: datetime) -> dict[str, Any]:
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
    }
