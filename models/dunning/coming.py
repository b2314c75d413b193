"""What falls due within a week: the friendly word before, to homes that are not told to be left alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.billing.tables import Bill
from models.db import SHANGHAI
from models.dunning.actions import remind_coming, why_not_now
from models.dunning.queries import rules_of
from models.dunning.steps import COMING
from models.dunning.tables import Demand
from models.estate.tables import Community, Company, Home


@dataclass(frozen=True)
class Coming:
    """`fen` of a home fall due on `due`."""

    home_id: int
    community: str
    due: date
    fen: int


def companies(session: Session) -> Sequence[int]:
    return session.scalars(sa.select(Company.id).order_by(Company.id)).all()


def coming(session: Session, company_id: int, now: datetime, *, after: int, limit: int) -> list[Coming]:
    """The next homes (by number, from `after` on) with bills that fall due within the days before and were not reminded of.

    None in the night and on days off: the morning after is early enough.
    """
    communities = {
        community.id: community.name
        for community in session.scalars(sa.select(Community).where(Community.company_id == company_id))
    }
    open_today = [number for number in communities if not why_not_now(session, company_id, [number], now)]
    if not open_today:
        return []
    today = now.astimezone(SHANGHAI).date()
    until = today - timedelta(days=rules_of(session, company_id).step(COMING).days)
    rows = session.execute(
        sa.select(Bill.home_id, Bill.community_id, sa.func.min(Bill.due_on), sa.func.sum(Bill.amount - Bill.paid))
        .where(
            Bill.community_id.in_(open_today), Bill.state == "posted", Bill.paid < Bill.amount, Bill.due_on >= today,
            Bill.due_on <= until, Bill.home_id > after, Bill.former_id.is_(None),
            ~sa.exists().where(Demand.home_id == Bill.home_id, Demand.step == COMING, Demand.due == Bill.due_on),
        )
        .group_by(Bill.home_id, Bill.community_id)
        .order_by(Bill.home_id)
        .limit(limit)
    )  # fmt: skip
    return [Coming(home, communities[community], due, int(fen)) for home, community, due, fen in rows]


def remind_of(session: Session, one: Coming, now: datetime) -> bool:
    home = session.get_one(Home, one.home_id)
    return remind_coming(session, home, one.due, one.fen, f"{one.community}{home.label}", now=now)
