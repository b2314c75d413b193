"""Looking at imports. Every question takes the company and the compounds somebody may see."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.estate.tables import Community
from models.imports.states import DONE, TO_BE_DONE, UNDOING
from models.imports.tables import Import

NO_SUCH = "没有这次导入。"


def imports_seen(
    session: Session,
    company_id: int,
    community_ids: Collection[int] | None,
    *,
    before: int | None = None,
    limit: int = 20,
) -> Sequence[tuple[Import, str]]:
    """The latest imports with the name of their compound, page by page: `before` is the last number of the page before."""
    query = (
        sa.select(Import, Community.name)
        .join(Community, Community.id == Import.community_id)
        .where(Import.company_id == company_id)
        .order_by(Import.id.desc())
        .limit(limit)
    )
    if community_ids is not None:
        query = query.where(Import.community_id.in_(sorted(community_ids)))
    if before is not None:
        query = query.where(Import.id < before)
    return [(found, name) for found, name in session.execute(query)]


def find_import(
    session: Session, import_id: int, company_id: int, community_ids: Collection[int] | None
) -> tuple[Import, str]:
    """One import with the name of its compound. Raises NotFound for everybody else's and for none."""
    query = (
        sa.select(Import, Community.name)
        .join(Community, Community.id == Import.community_id)
        .where(Import.id == import_id, Import.company_id == company_id)
    )
    if community_ids is not None:
        query = query.where(Import.community_id.in_(sorted(community_ids)))
    found = session.execute(query).first()
    if found is None:
        raise NotFound(NO_SUCH)
    return found[0], found[1]


def something_waits(session: Session, now: datetime) -> bool:
    """Whether an importer has anything to do."""
    free = sa.or_(Import.held_until.is_(None), Import.held_until < now)
    return session.scalar(sa.select(Import.id).where(Import.state.in_(TO_BE_DONE), free).limit(1)) is not None


def imported_before(session: Session, community_id: int, kind: str, sha256: str) -> Import | None:
    """The import that put the same bytes on the books of this compound, if there is one."""
    return session.scalar(
        sa.select(Import).where(
            Import.community_id == community_id,
            Import.kind == kind,
            Import.sha256 == sha256,
            Import.state.in_((DONE, UNDOING)),
        )
    )
