"""空置: registering a home that stands empty, ending it, and what the drafts must know of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.audit.log import record
from models.billing.lines import Less, Manner, from_basis
from models.billing.once import bill_once, in_words
from models.billing.proration import Proration
from models.billing.tables import Bill, FeeItem, Tariff
from models.billing.vacancy import PAYS_LESS, first_day, owed_after_all
from models.billing.vacancy_tables import Vacancy
from models.db import SHANGHAI, savepoint
from models.errors import AlreadyDone, Refusal
from models.estate.tables import Community, Home
from models.money import Rounding, shown


@dataclass(frozen=True)
class Relief:
    """What the city or the contract gives: after so many months empty, this percentage of the service fee; 100: nothing."""

    months: int
    pays: int
    document: str


def vacant_on(session: Session, first: int, last: int, start: date, end: date) -> dict[int, tuple[Less, ...]]:
    """Home → when it stands empty within these days, from one number of a home to another. One statement."""
    rows = session.execute(
        sa.select(Vacancy.home_id, Vacancy.from_day, Vacancy.until_day, Vacancy.pays)
        .where(
            Vacancy.home_id.between(first, last), Vacancy.from_day <= end,
            sa.or_(Vacancy.until_day.is_(None), Vacancy.until_day >= start),
        )
        .order_by(Vacancy.home_id, Vacancy.from_day)
    )  # fmt: skip
    found: dict[int, tuple[Less, ...]] = {}
    for home, since, until, pays in rows:
        found[home] = (*found.get(home, ()), Less(since, until, Fraction(pays, 100)))
    return found


def running(session: Session, home_id: int) -> Vacancy | None:
    """The vacancy of a home that has no end yet."""
    return session.scalars(
        sa.select(Vacancy).where(Vacancy.home_id == home_id, Vacancy.until_day.is_(None))
    ).one_or_none()


def begins(relief: Relief, empty_since: date, now: datetime) -> date:
    """From which day it counts. Raises Refusal where neither city nor contract gives anything, and for a day to come."""
    today = now.astimezone(SHANGHAI).date()
    if relief.pays >= 100:
        raise Refusal("这个小区没有空置优惠的约定，空着也按原价交。有约定的，请经理先说「收费约定」写上。")
    if empty_since > today:
        raise Refusal("空置的日子还没到，请到那天再登记。")
    return first_day(empty_since, today, relief.months)


def register(
    session: Session, home: Home, relief: Relief, empty_since: date, proof: str, *, by: str, now: datetime
) -> Vacancy:
    """Raises Refusal as `begins` does and without a proof, AlreadyDone while one runs."""
    if len(proof.strip()) < 2:
        raise Refusal("凭什么认定空置？请写一句，比如「申请书，水电表半年没走」。")
    row = Vacancy(
        community_id=home.community_id, home_id=home.id, empty_since=empty_since,
        from_day=begins(relief, empty_since, now), pays=relief.pays, proof=proof.strip()[:200], document=relief.document,
        by=by, at=now,
    )  # fmt: skip
    try:
        with savepoint(session):
            session.add(row)
            session.flush()
    except IntegrityError:
        raise AlreadyDone("这一户已经登记空置了。") from None
    _note(session, home, "home.vacant", by, now, {"from": row.from_day.isoformat(), "pays": row.pays})
    return row


def end(session: Session, home: Home, day: date, *, by: str, now: datetime) -> list[Bill]:
    """Somebody lives there from `day` on. What was billed at the lower price for days from then on is billed in addition;
    returns those bills. Raises Refusal when none runs, or for a day to come."""
    if day > now.astimezone(SHANGHAI).date():
        raise Refusal("入住的日子还没到，请到那天再办。")
    row = running(session, home.id)
    if row is None:
        raise Refusal("这一户没有登记空置。")
    ended = session.execute(
        sa.update(Vacancy)
        .where(Vacancy.id == row.id, Vacancy.until_day.is_(None))
        .values(until_day=day - timedelta(days=1), ended_by=by, ended_at=now)
        .returning(Vacancy.id)
        .execution_options(synchronize_session=False)
    ).first()
    if ended is None:
        raise AlreadyDone("这一户的空置刚刚已经结束了。")
    session.refresh(row)
    _note(session, home, "home.lived_in", by, now, {"day": day.isoformat()})
    return [
        made for bill in _billed_less(session, home, day) if (made := _in_addition(session, home, bill, day, by, now))
    ]


def _billed_less(session: Session, home: Home, day: date) -> list[Bill]:
    rows = session.scalars(
        sa.select(Bill)
        .join(FeeItem, FeeItem.id == Bill.item_id)
        .where(
            Bill.home_id == home.id, Bill.state == "posted", Bill.former_id.is_(None), Bill.amount > 0, Bill.end >= day,
            Bill.tariff_id.is_not(None), FeeItem.code == PAYS_LESS,
        )
        .order_by(Bill.start, Bill.id)
    )  # fmt: skip
    return [bill for bill in rows if "months" in bill.basis]


def _in_addition(session: Session, home: Home, bill: Bill, day: date, by: str, now: datetime) -> Bill | None:
    tariff = session.get_one(Tariff, bill.tariff_id)
    manner = Manner(Rounding(tariff.rounding), tariff.month_by_month, Proration(tariff.proration))
    fen = owed_after_all(from_basis(bill.basis, bill.amount), day, manner)
    if not fen:
        return None
    item = session.get_one(FeeItem, bill.item_id)
    words = f"{day}起有人住，{bill.start}至{bill.end}按空置价收过{shown(bill.amount)}，补收差额。"
    return bill_once(
        session, home, item, fen, start=max(day, bill.start), end=bill.end,
        due_on=max(bill.due_on, now.astimezone(SHANGHAI).date()), basis=in_words(words), by=by, now=now,
    )  # fmt: skip


def _note(session: Session, home: Home, action: str, by: str, now: datetime, details: dict[str, object]) -> None:
    company_id = session.scalar(sa.select(Community.company_id).where(Community.id == home.community_id))
    record(
        session, at=now, actor=by, action=action, subject=f"home:{home.id}", source="chat", company_id=company_id,
        details=details,
    )  # fmt: skip
