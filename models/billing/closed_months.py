"""月结: nothing is posted into a month that is closed; what comes all the same is dated in the next one."""

from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.billing.cycles import months_later
from models.db import SHANGHAI, Base, Id

_CLOSED = sa.text("reopened_at IS NULL")


class ClosedMonth(Base):
    """月结: nothing is posted into this month of this compound any more, unless a manager opens it again with a reason.

    `totals` is what was signed; `audit` adds the books up anew and holds them against it.
    """

    __tablename__ = "closed_months"
    __table_args__ = (
        sa.Index(
            "uq_closed_months", "community_id", "period", unique=True, sqlite_where=_CLOSED, postgresql_where=_CLOSED
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("communities.id"))
    period: Mapped[str] = mapped_column(sa.String(7))
    totals: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    by: Mapped[str] = mapped_column(sa.String(64))
    closed_at: Mapped[datetime]
    reopened_at: Mapped[datetime | None]
    reopened_by: Mapped[str] = mapped_column(sa.String(64), default="")
    reason: Mapped[str] = mapped_column(sa.String(100), default="")


def dated(session: Session, community_id: int, now: datetime) -> datetime:
    """The moment a posting of this compound is dated with: now, or the first one after the last closed month."""
    return after_closed(session.scalar(_LAST_CLOSED, {"community_id": community_id, "month": month_of(now)}), now)


def after_closed(last: str | None, now: datetime) -> datetime:
    """The same for who has asked for the last closed month along with something else (`last_closed`, with `month_of`)."""
    return now if last is None else bounds(last)[1]


def last_closed(community_id: sa.ColumnElement[int]) -> sa.Select[str | None]:
    """The last month of a compound that is closed, from the parameter "month" on."""
    return sa.select(sa.func.max(ClosedMonth.period)).where(
        ClosedMonth.community_id == community_id,
        ClosedMonth.period >= sa.bindparam("month", type_=ClosedMonth.period.type),
        ClosedMonth.reopened_at.is_(None),
    )


_LAST_CLOSED = last_closed(sa.bindparam("community_id"))


def month_of(now: datetime) -> str:
    return f"{now.astimezone(SHANGHAI):%Y-%m}"


def bounds(period: str) -> tuple[datetime, datetime]:
    """The first moment of a month and of the next."""
    first = date.fromisoformat(f"{period}-01")
    return tuple(datetime.combine(day, time(), SHANGHAI) for day in (first, months_later(first, 1)))  # type: ignore[return-value]
