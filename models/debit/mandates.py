"""委托代扣协议: entering, ending, finding. An account number leaves this package whole only in the file for the bank."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.db import SHANGHAI
from models.debit.agreements import Agreement, masked
from models.debit.tables import Mandate
from models.errors import Refusal
from models.estate.tables import Community, Home
from models.people.ownership import Ownership
from models.vault import Vault


def sign(session: Session, home: Home, agreement: Agreement, vault: Vault, *, by: str, now: datetime) -> Mandate | None:
    """Enter an agreement; one that was in force is ended by it. None when the very same stands already."""
    old = _not_ended(session, home.id)
    if old is not None:
        if (old.holder, old.agreement, old.from_day, old.until_day) == (
            agreement.holder, agreement.number, agreement.from_day, agreement.until_day,
        ) and vault.holds(old.sealed, agreement.account):  # fmt: skip
            return None
        _end(session, old, "签了新协议", by=by, now=now)
        session.flush()
    mandate = Mandate(
        community_id=home.community_id, home_id=home.id, sealed=vault.seal(agreement.account),
        tail=agreement.account[-4:], holder=agreement.holder, agreement=agreement.number, from_day=agreement.from_day,
        until_day=agreement.until_day, by=by, at=now,
    )  # fmt: skip
    session.add(mandate)
    session.flush()
    _note(session, mandate, "mandate.sign", {"account": masked(agreement.account)}, by=by, now=now)
    return mandate


def revoke(session: Session, home_id: int, why: str, *, by: str, now: datetime) -> Mandate:
    """From now on nothing is taken; a list that is with the bank already goes through. Raises Refusal without a mandate."""
    mandate = in_force(session, home_id)
    if mandate is None:
        raise Refusal("这户没有银行代扣。")
    _end(session, mandate, why, by=by, now=now)
    return mandate


def _end(session: Session, mandate: Mandate, why: str, *, by: str, now: datetime) -> None:
    mandate.ended_at, mandate.ended_by, mandate.ended_why = now, by, why[:60]
    _note(session, mandate, "mandate.end", {"why": why[:60]}, by=by, now=now)


def _note(
    session: Session, mandate: Mandate, action: str, details: dict[str, object], *, by: str, now: datetime
) -> None:
    record(
        session, at=now, actor=by, action=action, subject=f"home:{mandate.home_id}", source="system",
        company_id=session.get_one(Community, mandate.community_id).company_id, details=details,
    )  # fmt: skip


# The card of an owner who has sold the home since is no longer the owner's, and the new one must not see it.
_OF_THE_OWNER = ~sa.exists().where(Ownership.home_id == Mandate.home_id, Ownership.ended_at >= Mandate.at)


def _not_ended(session: Session, home_id: int) -> Mandate | None:
    return session.scalars(
        sa.select(Mandate).where(Mandate.home_id == home_id, Mandate.ended_at.is_(None))
    ).one_or_none()


def in_force(session: Session, home_id: int) -> Mandate | None:
    return of_homes(session, [home_id]).get(home_id)


def of_homes(session: Session, home_ids: Collection[int]) -> dict[int, Mandate]:
    """The mandates in force of these homes, signed by who owns them today."""
    rows = session.scalars(
        sa.select(Mandate).where(Mandate.home_id.in_(home_ids), Mandate.ended_at.is_(None), _OF_THE_OWNER)
    )
    return {mandate.home_id: mandate for mandate in rows}


def valid_on(day: date) -> sa.ColumnElement[bool]:
    """The bank may take money on this day."""
    return sa.and_(
        Mandate.ended_at.is_(None),
        _OF_THE_OWNER,
        Mandate.from_day <= day,
        sa.or_(Mandate.until_day.is_(None), Mandate.until_day >= day),
    )


def how_many(session: Session, community_id: int, now: datetime) -> int:
    today = now.astimezone(SHANGHAI).date()
    return int(
        session.scalar(
            sa.select(sa.func.count()).select_from(Mandate).where(Mandate.community_id == community_id, valid_on(today))
        )
        or 0
    )
