"""预存款: what is held for a home. Whoever moves its money locks the purse first, so two never settle the same bill."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_unless_there
from models.errors import Refusal
from models.payments.tables import Purse, PurseEntry


def lock(session: Session, home_id: int) -> Purse:
    """The home's purse, made on first use and held until the transaction ends."""
    purse = session.scalars(_LOCKED, {"home_id": home_id}).one_or_none()
    if purse is not None:
        return purse
    purse = Purse(home_id=home_id, held=0)
    if insert_unless_there(session, purse):
        return purse
    return session.scalars(_LOCKED, {"home_id": home_id}).one()


_LOCKED = (
    sa.select(Purse)
    .where(Purse.home_id == sa.bindparam("home_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def change(
    session: Session,
    purse: Purse,
    fen: int,
    what: str,
    *,
    payment_id: int | None = None,
    bill_id: int | None = None,
    now: datetime,
) -> int:
    """Put in or take out (negative) of a locked purse; returns the entry's number. Raises Refusal when it does not hold that much."""
    if purse.held + fen < 0:
        raise Refusal("预存款不够。")
    purse.held += fen
    entry = PurseEntry(home_id=purse.home_id, fen=fen, what=what, payment_id=payment_id, bill_id=bill_id, at=now)
    session.add(entry)
    session.flush()
    return entry.id


def held_of(session: Session, home_ids: Sequence[int]) -> dict[int, int]:
    """Home → fen held; homes without anything are left out."""
    rows = session.execute(sa.select(Purse.home_id, Purse.held).where(Purse.home_id.in_(home_ids), Purse.held > 0))
    return {home: held for home, held in rows}
