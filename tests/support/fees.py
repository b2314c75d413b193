"""A compound of four homes that pays fees, for tests of money."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.clock import SHANGHAI
from models.billing.due import due_tariffs
from models.billing.publish import publish
from models.billing.run import begin_run, write_slice
from models.billing.tables import BillingRun, Tariff
from models.billing.tariffs import Agreement, agree, charge_all
from models.estate.tables import Community, Company, Home

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=SHANGHAI)
PAPER = "2024年业主大会决议"


def four_homes(session: Session) -> int:
    """锦绣花园 with 3-2-501 (89.37 m²), 502 (68.50), 101 (56.32) and 102, whose area nobody wrote down; returns its number."""
    company = Company(name="安居物业", created_at=NOW)
    session.add(company)
    session.flush()
    community = Community(company_id=company.id, name="锦绣花园", created_at=NOW)
    session.add(community)
    session.flush()
    for room, area, floor in (("501", 8937, 5), ("502", 6850, 5), ("101", 5632, 1), ("102", None, 1)):
        session.add(
            Home(
                community_id=community.id, building="3", entrance="2", room=room, area=area, floor=floor, created_at=NOW
            )
        )
    session.flush()
    return community.id


def service_fee(session: Session, community_id: int, **more: Any) -> Tariff:
    """物业费 at 1.85 yuan a m² and month, in advance, for every home, unless `more` says otherwise."""
    usual = {"formula": "area", "price": 18500, "document": PAPER, "from_day": date(2024, 1, 1)}
    tariff = agree(session, community_id, "PROP", Agreement(**{**usual, **more}), by="test", now=NOW)
    charge_all(session, tariff, date(2024, 1, 1))
    return tariff


def draft_month(session: Session, community_id: int, period: str, *, limit: int = 2) -> BillingRun:
    """As the job does it: slice after slice."""
    run = begin_run(session, community_id, period, by="test", now=NOW)
    for due in due_tariffs(session, community_id, period):
        after: int | None = 0
        while after is not None:
            after = write_slice(session, run, due, after=after, limit=limit).after
    return run


def bill_month(session: Session, community_id: int, period: str, *, limit: int = 2) -> BillingRun:
    return publish(session, draft_month(session, community_id, period, limit=limit), by="test", now=NOW)


def home_of(session: Session, room: str) -> Home:
    return session.scalars(sa.select(Home).where(Home.room == room)).one()


def two_months(session: Session) -> int:
    """The compound of four homes with February and March billed, 165.33 each for 3-2-501; returns its number."""
    community = four_homes(session)
    service_fee(session, community)
    for period in ("2026-02", "2026-03"):
        bill_month(session, community, period)
    return community
