"""产权: who owns a home since when, and what ends with an owner: the ties of the household, its WeChats, its codes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.audit.log import record
from models.db import Base, Id, savepoint
from models.errors import AlreadyDone
from models.estate.tables import Community, Home
from models.people.binding import enter_on_books
from models.people.names import wechat_name
from models.people.queries import residents_of
from models.people.tables import BindCode, Binding, Person, Resident

_NOW = sa.text("until_day IS NULL")


class Ownership(Base):
    """An owner of a home, from a day until a day, both included; None: as long as the books go back, and until now.

    A home that never changed hands has no row. `name` as it was on the books. What a former owner owes and paid keeps this
    row's number (`former_id`), so that the next one sees nothing of it.
    """

    __tablename__ = "ownerships"
    __table_args__ = (
        sa.Index("uq_ownerships_now", "home_id", unique=True, sqlite_where=_NOW, postgresql_where=_NOW),
        sa.Index("ix_ownerships_home", "home_id", "until_day"),
        sa.Index("ix_ownerships_community", "community_id", "until_day"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    name: Mapped[str] = mapped_column(sa.String(64))
    from_day: Mapped[date | None]
    until_day: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(sa.String(64), default="")


def ownership_of(session: Session, home_id: int) -> Ownership | None:
    """Whose the home is now; None when it never changed hands."""
    return session.scalars(
        sa.select(Ownership).where(Ownership.home_id == home_id, Ownership.until_day.is_(None))
    ).one_or_none()


def last_former(session: Session, home_id: int) -> Ownership | None:
    """Whose the home was before."""
    return session.scalars(
        sa.select(Ownership)
        .where(Ownership.home_id == home_id, Ownership.until_day.is_not(None))
        .order_by(Ownership.until_day.desc())
        .limit(1)
    ).one_or_none()


def owner_at(session: Session, home_id: int, moment: datetime) -> Ownership | None:
    """The former owner on the books at a moment; None when it was the one of today."""
    return session.scalars(
        sa.select(Ownership)
        .where(Ownership.home_id == home_id, Ownership.ended_at > moment)
        .order_by(Ownership.ended_at)
        .limit(1)
    ).first()


def owners_named(session: Session, home_id: int) -> str:
    """王强、李娜, as the books have the owners of today."""
    return "、".join(person.name for person, relation in residents_of(session, home_id) if relation == "owner")[:64]


def change_hands(session: Session, home: Home, day: date, name: str, *, by: str, now: datetime) -> Ownership:
    """The former owner's row ends on the eve of `day`, the new one's begins; returns the former. Raises AlreadyDone."""
    former = ownership_of(session, home.id)
    try:
        with savepoint(session):
            if former is None:
                former = Ownership(
                    community_id=home.community_id, home_id=home.id, name=owners_named(session, home.id), from_day=None
                )  # fmt: skip
                session.add(former)
                session.flush()
            ended = session.execute(
                sa.update(Ownership)
                .where(Ownership.id == former.id, Ownership.until_day.is_(None))
                .values(until_day=day - timedelta(days=1), ended_at=now, ended_by=by)
                .returning(Ownership.id)
                .execution_options(synchronize_session=False)
            ).first()
            session.add(Ownership(community_id=home.community_id, home_id=home.id, name=name, from_day=day))
            session.flush()
    except IntegrityError:
        ended = None
    if ended is None or former is None:
        raise AlreadyDone("这一户刚刚已经过户了。")
    session.refresh(former)
    return former


def household_leaves(session: Session, home: Home, *, by: str, now: datetime) -> Sequence[tuple[str, str]]:
    """Owners and family are no longer of this home, their WeChats speak for it no more, and codes not used yet are void.

    A tenant stays: a lease goes on with the new owner (民法典 §725). Returns the WeChats that were let go.
    """
    family = ("owner", "family")
    session.execute(
        sa.update(Resident)
        .where(Resident.home_id == home.id, Resident.relation.in_(family), Resident.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    gone = session.execute(
        sa.delete(Binding)
        .where(Binding.home_id == home.id, Binding.relation.in_(family))
        .returning(Binding.account, Binding.openid)
        .execution_options(synchronize_session=False)
    ).all()
    session.execute(
        sa.update(BindCode)
        .where(BindCode.home_id == home.id, BindCode.used_at.is_(None), BindCode.expires_at > now)
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )
    company_id = session.scalar(sa.select(Community.company_id).where(Community.id == home.community_id))
    for account, openid in gone:
        record(
            session, at=now, company_id=company_id, actor=by, action="home.unbind", subject=f"home:{home.id}",
            details={"who": wechat_name(account, openid)}, source="chat",
        )  # fmt: skip
    session.expire_all()
    return [(account, openid) for account, openid in gone]


def household_comes(session: Session, home: Home, name: str, phone: str, *, now: datetime) -> Person:
    """The new owner is on the books."""
    company_id = session.scalars(sa.select(Community.company_id).where(Community.id == home.community_id)).one()
    person, _ = enter_on_books(
        session, company_id=company_id, home_id=home.id, name=name, phone=phone, relation="owner", now=now
    )
    return person


def has_tenant(session: Session, home_id: int) -> bool:
    """Does somebody rent it? What whoever lives there pays is then no business of its owners."""
    live = sa.select(Resident.id).where(
        Resident.home_id == home_id, Resident.relation == "tenant", Resident.ended_at.is_(None)
    )
    return session.scalar(live.limit(1)) is not None
