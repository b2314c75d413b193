"""Rows for companies, compounds and homes."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id


class Company(Base):
    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    hotline: Mapped[str] = mapped_column(sa.String(32), default="")  # the phone people may call, shown in messages
    created_at: Mapped[datetime]


class OfficialAccount(Base):
    """Which company speaks through a WeChat official account."""

    __tablename__ = "official_accounts"

    account: Mapped[str] = mapped_column(sa.String(64), primary_key=True)  # gh_…
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))


class CompanySetting(Base):
    """A choice of one company that differs from the product's default."""

    __tablename__ = "company_settings"

    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(48), primary_key=True)
    value: Mapped[Any] = mapped_column(sa.JSON)


class WorkingDay(Base):
    """One line of a company's working calendar: a weekday (0 is Monday) or a date; of one compound, or of all (None).

    `hours`: [[480, 720], [780, 1080]] in minutes since midnight; [] is a day off, None a make-up day with the usual hours.
    """

    __tablename__ = "working_days"
    __table_args__ = (sa.Index("ix_working_days_company", "company_id", "day"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    community_id: Mapped[int | None] = mapped_column(sa.ForeignKey("communities.id"))
    weekday: Mapped[int | None]
    day: Mapped[date | None]
    hours: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    note: Mapped[str] = mapped_column(sa.String(32), default="")


class Community(Base):
    """小区: a compound."""

    __tablename__ = "communities"
    __table_args__ = (sa.UniqueConstraint("company_id", "name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"))
    name: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]


class Home(Base):
    """户: a flat, a shop or a parking space. `area` is in 0.01 m². Building, entrance and room are text ("3", "甲", "501")."""

    __tablename__ = "homes"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "building", "entrance", "room"),
        sa.Index("ix_homes_room", "community_id", "room"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    building: Mapped[str] = mapped_column(sa.String(16))
    entrance: Mapped[str] = mapped_column(sa.String(16), default="")
    room: Mapped[str] = mapped_column(sa.String(16))
    kind: Mapped[str] = mapped_column(sa.String(8), default="home")  # home, shop, parking
    floor: Mapped[int | None]
    area: Mapped[int | None]
    created_at: Mapped[datetime]
    import_id: Mapped[int | None] = mapped_column(sa.BigInteger)  # the import that added it, None for any other way

    @property
    def label(self) -> str:
        """As people say it: 3栋2单元501."""
        return home_label(self.building, self.entrance, self.room)

    @property
    def key(self) -> str:
        """As clerks write it: 3-2-501."""
        return home_key(self.building, self.entrance, self.room)


def home_key(building: str, entrance: str, room: str) -> str:
    """3-2-501; a part that a compound does not use ("") is left out."""
    return "-".join(part for part in (building, entrance, room) if part)


class Place(Base):
    """公共部位: a part of a compound that belongs to everybody and can be named or scanned.

    `code` is what its sticker says (place_codes.py), `tag` the five letters for those who cannot scan. `qr_url` is what WeChat's
    own code for it says ("" until one was made), good until `qr_until` (None: for ever). `qr_claimed_at` is when somebody last
    set out to have a permanent one made.
    """

    __tablename__ = "places"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "building", "entrance", "name"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("tag"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    building: Mapped[str] = mapped_column(sa.String(16), default="")
    entrance: Mapped[str] = mapped_column(sa.String(16), default="")
    name: Mapped[str] = mapped_column(sa.String(32))
    code: Mapped[str] = mapped_column(sa.String(64))
    tag: Mapped[str] = mapped_column(sa.String(8))
    qr_url: Mapped[str] = mapped_column(sa.String(200), default="")
    qr_until: Mapped[datetime | None]
    qr_claimed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def label(self) -> str:
        """As people say it: 3栋2单元电梯, 垃圾房."""
        return home_label(self.building, self.entrance, "") + self.name


class PlaceName(Base):
    """What people call a place: its name and each nickname, in the spelling sentences are searched in (place_words.py)."""

    __tablename__ = "place_names"
    __table_args__ = (sa.Index("ix_place_names_community", "community_id", "word"),)

    place_id: Mapped[int] = mapped_column(sa.ForeignKey("places.id"), primary_key=True)
    word: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))


def home_label(building: str, entrance: str, room: str) -> str:
    """3栋2单元501; a part that a compound does not use ("") is left out."""
    block = "座" if building.isalpha() and building.isascii() else "栋"
    return (f"{building}{block}" if building else "") + (f"{entrance}单元" if entrance else "") + room
