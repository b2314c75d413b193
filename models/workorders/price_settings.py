"""A company's price list of paid service: what holds on a day, and what is added to it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.workorders.price_sheet import PriceRow
from models.workorders.prices import Price
from models.workorders.service_tables import ServicePrice


def listed(session: Session, company_id: int, day: date) -> list[PriceRow]:
    """The list as it holds on a day."""
    return [row for row in held(session, company_id, day) if row.active]


def held(session: Session, company_id: int, day: date | None = None) -> list[PriceRow]:
    """The newest row of each item, also of those taken off the list; up to a day, if one is given. One statement."""
    by_then = sa.true() if day is None else ServicePrice.valid_from <= day
    newest = (
        sa.select(
            ServicePrice,
            sa.func.row_number()
            .over(partition_by=ServicePrice.name, order_by=(ServicePrice.valid_from.desc(), ServicePrice.id.desc()))
            .label("place"),
        )
        .where(ServicePrice.company_id == company_id, by_then)
        .subquery()
    )
    rows = session.execute(sa.select(newest).where(newest.c.place == 1).order_by(newest.c.id))
    return [PriceRow(Price(row.name, row.unit, row.low, row.high), row.document, row.active) for row in rows]


def prices_of(session: Session, company_id: int, day: date) -> list[Price]:
    return [row.price for row in listed(session, company_id, day)]


def changed_by(session: Session, company_id: int, rows: Iterable[PriceRow], day: date) -> list[PriceRow]:
    """The rows that say something else than what holds now."""
    now = {row.price.name: row for row in listed(session, company_id, day)}
    return [row for row in rows if (now.get(row.price.name) != row if row.active else row.price.name in now)]


def add_prices(session: Session, company_id: int, rows: Sequence[PriceRow], *, by: str, now: datetime) -> None:
    """Make these rows hold from today on; what held before stays on the books."""
    session.add_all(
        ServicePrice(
            company_id=company_id, name=row.price.name, unit=row.price.unit, low=row.price.low, high=row.price.high,
            active=row.active, document=row.document, valid_from=now.date(),
        )
        for row in rows
    )  # fmt: skip
    record(
        session,
        at=now,
        actor=by,
        action="prices.set",
        subject=f"company:{company_id}",
        source="command",
        company_id=company_id,
        details={"prices": [[row.price.name, row.price.low, row.price.high, row.active] for row in rows]},
    )
