"""Rows for people: who lives where, which WeChat speaks for whom, who works."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_LIVE = sa.text("ended_at IS NULL")


class Person(Base):
    """Somebody on the company's books, with or without WeChat. Phones are digits only."""

    __tablename__ = "people"
    __table_args__ = (
        sa.Index("ix_people_phone", "company_id", "phone"),
        sa.Index("ix_people_name", "company_id", "name"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    name: Mapped[str] = mapped_column(sa.String(64))
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    phone2: Mapped[str] = mapped_column(sa.String(20), default="")
    created_at: Mapped[datetime]
    import_id: Mapped[int | None] = mapped_column(sa.BigInteger)  # the import that added them


class Resident(Base):
    """A person's tie to a home on the books. `relation`: owner, family, tenant. `ended_at` when it is over."""

    __tablename__ = "residents"
    __table_args__ = (
        sa.Index("uq_residents_live", "home_id", "person_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        sa.Index("ix_residents_person", "person_id"),
        sa.Index("ix_residents_home", "home_id"),  # the one above only knows who lives there now
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    relation: Mapped[str] = mapped_column(sa.String(8))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    import_id: Mapped[int | None] = mapped_column(sa.BigInteger)  # the import that added it


class Follower(Base):
    """A WeChat that follows an official account. The row goes when they unfollow (the platform's privacy rule)."""

    __tablename__ = "followers"

    account: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    openid: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    followed_at: Mapped[datetime]


class Binding(Base):
    """绑定: this WeChat speaks for this home. `relation` decides its rights. Deleted when they unfollow or unbind."""

    __tablename__ = "bindings"
    __table_args__ = (
        sa.UniqueConstraint("account", "openid", "home_id"),
        sa.Index("ix_bindings_home", "home_id"),
        sa.Index("ix_bindings_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account: Mapped[str] = mapped_column(sa.String(64))
    openid: Mapped[str] = mapped_column(sa.String(64))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    relation: Mapped[str] = mapped_column(sa.String(8))
    proof: Mapped[str] = mapped_column(sa.String(12))  # phone, code, manager, demo
    bound_at: Mapped[datetime]


class BindRequest(Base):
    """Somebody who could not prove their home and asks a manager. `state`: waiting, approved, refused.

    The place is kept as it was said, whether the books have such a home or not: the applicant must not learn which.
    `home_id` is set when a manager approves. Deleted when the applicant unfollows.
    """

    __tablename__ = "bind_requests"
    __table_args__ = (
        sa.Index("ix_bind_requests_waiting", "company_id", "state"),
        sa.Index("ix_bind_requests_person", "account", "openid"),
        sa.Index("ix_bind_requests_home", "home_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    account: Mapped[str] = mapped_column(sa.String(64))
    openid: Mapped[str] = mapped_column(sa.String(64))
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    building: Mapped[str] = mapped_column(sa.String(16))
    entrance: Mapped[str] = mapped_column(sa.String(16))
    room: Mapped[str] = mapped_column(sa.String(16))
    kind: Mapped[str] = mapped_column(sa.String(8))
    home_id: Mapped[int | None] = mapped_column(sa.ForeignKey("homes.id"))
    name: Mapped[str] = mapped_column(sa.String(64))
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    relation: Mapped[str] = mapped_column(sa.String(8))
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class BindCode(Base):
    """A one-time code that binds one WeChat to one home. Only its digest is kept."""

    __tablename__ = "bind_codes"
    __table_args__ = (sa.Index("ix_bind_codes_home", "home_id"), sa.Index("ix_bind_codes_for_person", "person_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(sa.String(64), default="")  # used when there is no person yet
    relation: Mapped[str] = mapped_column(sa.String(8))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    made_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class Guess(Base):
    """How often somebody guessed wrong today, per asking WeChat and per guessed home."""

    __tablename__ = "guesses"

    subject: Mapped[str] = mapped_column(sa.String(160), primary_key=True)  # "wechat:<digest>" or "place:…"
    day: Mapped[date] = mapped_column(primary_key=True)
    wrong: Mapped[int] = mapped_column(default=0)


class DeskLogin(Base):
    """A browser that showed a number, and the WeChat that said it. `digest` is only there while the number may still be said."""

    __tablename__ = "desk_logins"
    __table_args__ = (
        sa.UniqueConstraint("digest"),
        sa.Index("ix_desk_logins_person", "account", "openid"),
        sa.Index("ix_desk_logins_asked", "asked_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    digest: Mapped[str | None] = mapped_column(sa.String(64))
    browser: Mapped[str] = mapped_column(sa.String(64))  # a digest of what only that browser's cookie holds
    place: Mapped[str] = mapped_column(sa.String(40), default="")  # as a person knows it: Windows 电脑上的 Edge
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    account: Mapped[str | None] = mapped_column(sa.String(64))
    openid: Mapped[str | None] = mapped_column(sa.String(64))
    said_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Staff(Base):
    """员工. `role`: worker, lead, clerk, cashier, manager. `openid` is empty until they join, and again when they unfollow."""

    __tablename__ = "staff"
    __table_args__ = (sa.UniqueConstraint("account", "openid"), sa.Index("ix_staff_company", "company_id", "role"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    name: Mapped[str] = mapped_column(sa.String(32))
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    role: Mapped[str] = mapped_column(sa.String(8))
    account: Mapped[str | None] = mapped_column(sa.String(64))
    openid: Mapped[str | None] = mapped_column(sa.String(64))
    on_duty: Mapped[bool] = mapped_column(default=False)
    duty_since: Mapped[datetime | None]
    assigned_at: Mapped[datetime | None]  # the last time an order went to them: who waited longest goes first
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class StaffTrade(Base):
    """工种 of a worker. `certified_until`: 电工 may only work with a valid certificate; None where none is needed."""

    __tablename__ = "staff_trades"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    trade: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    certified_until: Mapped[date | None]


class StaffArea(Base):
    """Where somebody works: a compound, or one building of it ("" = all of the compound)."""

    __tablename__ = "staff_areas"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"), primary_key=True)
    building: Mapped[str] = mapped_column(sa.String(16), primary_key=True, default="")


class Invitation(Base):
    """A code that makes the WeChat which says it a member of staff. Only its digest is kept.

    `trades`: ["水工", …]; `certified_until` is for the trade that needs a certificate. `areas`: [[community_id, building or ""], …],
    empty for the whole company. `staff_id`: somebody already on the books who comes back with a new WeChat.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(sa.String(32))
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    role: Mapped[str] = mapped_column(sa.String(8))
    trades: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    certified_until: Mapped[date | None]
    areas: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    on_duty: Mapped[bool] = mapped_column(default=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DutyShift(Base):
    """值班: who may be woken, from and until; for one compound, or for all of the company (None)."""

    __tablename__ = "duty_shifts"
    __table_args__ = (sa.Index("ix_duty_shifts_company", "company_id", "ends_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("communities.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
