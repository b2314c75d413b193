"""Rows for homes that stand empty."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id

_RUNNING = sa.text("until_day IS NULL")


class Vacancy(Base):
    """空置登记: the home is empty since `empty_since` (`proof`), and pays `pays` percent of the service fee from `from_day` until
    `until_day`, both included. `document`: the regulation or contract that says so."""

    __tablename__ = "vacancies"
    __table_args__ = (
        sa.CheckConstraint("pays > 0 AND pays < 100", name="percent"),
        sa.Index("ix_vacancies_home", "home_id", "from_day"),
        sa.Index("uq_vacancies_running", "home_id", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    home_id: Mapped[int] = mapped_column(sa.ForeignKey("homes.id"))
    empty_since: Mapped[date]
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    pays: Mapped[int]
    proof: Mapped[str] = mapped_column(sa.String(200))
    document: Mapped[str] = mapped_column(sa.String(100))
    by: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    ended_by: Mapped[str] = mapped_column(sa.String(64), default="")
    ended_at: Mapped[datetime | None]
