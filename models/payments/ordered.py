"""An order with what its posting asks for by number, locked together with the purse of its home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, load_only

from models.billing.closed_months import last_closed, month_of
from models.db import Base, insert_what_is_found, plain
from models.estate.tables import Community, Company, Home
from models.payments.online_tables import OnlineOrder, PayTerms
from models.payments.tables import Purse


@dataclass(frozen=True)
class Ordered:
    """An order with what its posting will ask for by number; all of it read only when the purse was locked."""

    purse: Purse
    order: OnlineOrder
    home: Home
    terms: PayTerms | None
    community: Community
    company: Company
    closed: str | None  # the last month of the compound that is closed


def those_free(session: Session, numbers: Sequence[str], now: datetime) -> list[Ordered]:
    """Orders with their homes' purses, locked by one statement; none that somebody else has, or that there is not."""
    return [Ordered(*found) for found in session.execute(_THOSE_FREE, {"numbers": numbers, "month": month_of(now)})]


def when_free(session: Session, number: str, now: datetime) -> Ordered | None:
    """The same of one order, after whoever moves money of this home: then what they left is read anew. None: no such order."""
    purse = _lock_purse(session, number)
    if purse is None:
        return None
    return Ordered(purse, *session.execute(_ORDER, {"numbers": [number], "month": month_of(now)}).one())


def _lock_purse(session: Session, number: str) -> Purse | None:
    """Of the order's home: who moves its money comes one after the other. None: no such order."""
    purse = session.scalars(_PURSE, {"number": number}).one_or_none()
    if purse is None:  # it is made with the home's first payment
        insert_what_is_found(session, Purse, _EMPTY_PURSE, {"number": number})
        purse = session.scalars(_PURSE, {"number": number}).one_or_none()
    return purse


_EMPTY_PURSE = sa.select(plain(OnlineOrder).c.home_id, sa.literal(0).label("held")).where(
    plain(OnlineOrder).c.number == sa.bindparam("number")
)
_PURSE = (
    sa.select(Purse)
    .join(OnlineOrder, OnlineOrder.home_id == Purse.home_id)
    .where(OnlineOrder.number == sa.bindparam("number"))
    .with_for_update(of=Purse)
    .execution_options(populate_existing=True)
)


def _told_with(*locked: type[Base]) -> sa.Select[Any]:
    """Of some orders: these rows, and whatever their posting will ask for."""
    read: list[Any] = [*locked, Home, PayTerms, Community, Company, _CLOSED]
    return (
        sa.select(*read)
        .select_from(OnlineOrder)
        .join(Purse, Purse.home_id == OnlineOrder.home_id)
        .join(Home, Home.id == OnlineOrder.home_id)
        .join(Community, Community.id == OnlineOrder.community_id)
        .join(Company, Company.id == OnlineOrder.company_id)
        .outerjoin(PayTerms, PayTerms.community_id == OnlineOrder.community_id)
        .where(OnlineOrder.number.in_(sa.bindparam("numbers", expanding=True)))
        .options(  # each column costs as much as half a join
            load_only(Home.community_id, Home.building, Home.entrance, Home.room),
            load_only(PayTerms.principal_first),
            load_only(Community.company_id, Community.name),
            load_only(Company.name),
        )
        .execution_options(populate_existing=True)
    )


_CLOSED = last_closed(plain(OnlineOrder).c.community_id).scalar_subquery()
_ORDER = _told_with(OnlineOrder).with_for_update(of=OnlineOrder)
# Whoever would have to wait gets nothing: of what is read beside the locked rows, something might change while they wait.
_THOSE_FREE = _told_with(Purse, OnlineOrder).with_for_update(of=(Purse, OnlineOrder), skip_locked=True)
