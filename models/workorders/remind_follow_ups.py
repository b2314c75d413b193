"""The morning's list of what is owed after the work: one message a day for each of the office, and none when nothing is owed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.calendar import SHANGHAI
from models.estate.working_days import calendars_of
from models.messaging import outbox
from models.people.queries import MANAGERS
from models.people.tables import Staff, StaffArea
from models.workorders.follow_up import LOW_RATING, REPEAT_FAULT, time_left
from models.workorders.follow_up_lists import Owed, is_overdue, overdue
from models.workorders.tables import FollowUp

SHOWN = 6


@dataclass(frozen=True)
class _Clerk:
    """Somebody of the office with a WeChat. `community_ids` is None for the whole company."""

    staff_id: int
    account: str
    openid: str
    community_ids: frozenset[int] | None


def companies_that_owe(session: Session, now: datetime) -> Sequence[int]:
    return session.scalars(
        sa.select(FollowUp.company_id)
        .where(FollowUp.done_at.is_(None), is_overdue(now, _day_began(now)))
        .distinct()
        .order_by(FollowUp.company_id)
    ).all()


def remind(session: Session, company_id: int, *, now: datetime) -> int:
    """Returns how many were told: nobody twice on one morning, nobody about a compound that is closed today.

    Three statements and one for each who is told.
    """
    calendars, today = calendars_of(session, company_id, now), now.astimezone(SHANGHAI).date()
    owed = overdue(session, company_id, now=now, day_began=_day_began(now))
    compounds = {one.task.community_id for one in owed}
    open_today = {number for number in compounds if calendars.of(number).hours_on(today)}
    owed = [one for one in owed if one.task.community_id in open_today]
    told = 0
    for clerk in _office(session, company_id):
        mine = [one for one in owed if _is_for(one, clerk)]
        if mine:
            told += outbox.put(
                session,
                account=clerk.account,
                openid=clerk.openid,
                kind="follow_ups_due",
                data=_data(mine, now),
                dedupe_key=today.isoformat(),
                now=now,
            )
    return told


def _data(owed: list[Owed], now: datetime) -> dict[str, object]:
    return {
        "count": len(owed),
        "low": sum(one.task.kind == LOW_RATING for one in owed),
        "causes": sum(one.task.kind == REPEAT_FAULT for one in owed),
        "lines": [_line(one, now) for one in owed[:SHOWN]],
    }


def _line(one: Owed, now: datetime) -> str:
    what = {LOW_RATING: f"差评{one.task.stars}分", REPEAT_FAULT: "重复故障"}.get(one.task.kind, "回访")
    return f"#{one.order.id} {what} {one.where}（{time_left(one.task.due_at, now)}）"


def _is_for(one: Owed, clerk: _Clerk) -> bool:
    here = clerk.community_ids is None or one.task.community_id in clerk.community_ids
    return here and (one.task.kind == REPEAT_FAULT or one.order.staff_id != clerk.staff_id)


def _office(session: Session, company_id: int) -> Iterator[_Clerk]:
    rows = session.execute(
        sa.select(Staff.id, Staff.account, Staff.openid, StaffArea.community_id)
        .outerjoin(StaffArea, StaffArea.staff_id == Staff.id)
        .where(
            Staff.company_id == company_id,
            Staff.role.in_(MANAGERS),
            Staff.openid.is_not(None),
            Staff.left_at.is_(None),
        )
        .order_by(Staff.id)
    ).all()
    for staff_id, account, openid in dict.fromkeys((row[0], row[1], row[2]) for row in rows):
        areas = frozenset(row[3] for row in rows if row[0] == staff_id and row[3] is not None)
        yield _Clerk(staff_id, account or "", openid or "", areas or None)


def _day_began(now: datetime) -> datetime:
    return now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
