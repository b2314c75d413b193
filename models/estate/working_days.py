"""A company's working calendars: the product's own hours, the company's lines over them, a compound's own over those."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.calendar import Calendar, Day, Hours, usual_hours
from models.db import plain
from models.errors import Refusal
from models.estate.calendar_sheet import OFF, ON, QUIET, USUAL, CalendarLine
from models.estate.tables import OfficialAccount, WorkingDay
from models.messaging.quiet import set_quiet_hours
from models.messaging.tables import QuietHours

# What holds until a company says otherwise (domain rules 2.2): every day from eight to six, no holidays.
DEFAULT_WEEK: tuple[Hours, ...] = (((480, 1080),),) * 7
NOTHING_OPEN = "一周里至少要有一段上班时间，不然一般单永远算不到时限。"

_LOOKED_BACK = timedelta(days=400)  # nobody explains an older order


@dataclass(frozen=True)
class Line:
    """A row of the table, as a calendar is built from it."""

    community_id: int | None
    weekday: int | None
    day: date | None
    hours: Hours | None
    note: str


@dataclass(frozen=True)
class Calendars:
    """All calendars of one company, read at once."""

    lines: tuple[Line, ...]

    def of(self, community_id: int) -> Calendar:
        return calendar_from([line for line in self.lines if line.community_id in (None, community_id)])


def calendars_of(session: Session, company_id: int, now: datetime) -> Calendars:
    """One statement; dates of more than a year ago are left out."""
    since = (now - _LOOKED_BACK).date()
    rows = session.execute(_LINES, {"company": company_id, "since": since})
    return Calendars(tuple(_line(row) for row in rows))


_days = plain(WorkingDay)
# Built once: every report asks.
_LINES = (
    sa.select(_days)
    .where(
        _days.c.company_id == sa.bindparam("company"),
        sa.or_(_days.c.day.is_(None), _days.c.day >= sa.bindparam("since")),
    )
    .order_by(_days.c.day, _days.c.weekday, _days.c.id)
)


def calendar_from(lines: Sequence[Line]) -> Calendar:
    """Lines of a compound win over the company's. Raises Refusal when no weekday is left open."""
    week, dates = list(DEFAULT_WEEK), {}
    for line in sorted(lines, key=lambda line: line.community_id is not None):
        if line.weekday is not None:
            week[line.weekday] = line.hours or ()
        elif line.day is not None:
            dates[line.day] = line
    if not any(week):
        raise Refusal(NOTHING_OPEN)
    usual = usual_hours(week)
    return Calendar(
        tuple(week),
        {day: Day(usual if line.hours is None else line.hours, line.note) for day, line in dates.items()},
    )


def must_stay_open(
    session: Session, company_id: int, lines: Sequence[CalendarLine], communities: dict[str, int], now: datetime
) -> None:
    """Raises Refusal when these lines would leave the company or a compound without any working hours."""
    merged = {
        (line.community_id, line.weekday): line
        for line in calendars_of(session, company_id, now).lines
        if line.weekday is not None
    }
    for said in lines:
        for weekday in said.weekdays if said.kind != QUIET else ():
            key = (communities.get(said.community), weekday)
            merged.pop(key, None)
            if said.kind != USUAL:
                merged[key] = Line(key[0], weekday, None, said.hours, said.note)
    for community_id in {0, *communities.values()}:
        Calendars(tuple(merged.values())).of(community_id)


def set_calendar(
    session: Session,
    company_id: int,
    lines: Sequence[CalendarLine],
    communities: dict[str, int],
    *,
    now: datetime,
    by: str,
) -> None:
    """Make these lines hold; days that are not named stay as they are. Raises Refusal when a week without hours would be left."""
    must_stay_open(session, company_id, lines, communities, now)
    for line in lines:
        community_id = communities.get(line.community)
        if line.kind == QUIET:
            _set_quiet(session, company_id, line)
            continue
        for weekday in line.weekdays:
            _put(session, company_id, community_id, line, WorkingDay.weekday == weekday, weekday=weekday)
        for day in line.dates:
            _put(session, company_id, community_id, line, WorkingDay.day == day, day=day)
    session.flush()
    record(
        session,
        at=now,
        actor=by,
        action="calendar.set",
        subject=f"company:{company_id}",
        source="command",
        company_id=company_id,
        details={"lines": len(lines)},
    )


def quiet_hours_of(session: Session, company_id: int) -> QuietHours | None:
    """The company's own quiet hours, None while the default holds."""
    accounts = sa.select(OfficialAccount.account).where(OfficialAccount.company_id == company_id)
    return session.scalars(sa.select(QuietHours).where(QuietHours.account.in_(accounts)).limit(1)).first()


def rows_of(session: Session, company_id: int) -> Iterable[WorkingDay]:
    """What the company has written down, weekdays first."""
    return session.scalars(
        sa.select(WorkingDay)
        .where(WorkingDay.company_id == company_id)
        .order_by(WorkingDay.community_id.is_not(None), WorkingDay.community_id, WorkingDay.day.is_not(None))
        .order_by(WorkingDay.weekday, WorkingDay.day, WorkingDay.id)
    )


def _put(
    session: Session,
    company_id: int,
    community_id: int | None,
    line: CalendarLine,
    which: sa.ColumnElement[bool],
    *,
    weekday: int | None = None,
    day: date | None = None,
) -> None:
    session.execute(
        sa.delete(WorkingDay)
        .where(WorkingDay.company_id == company_id, WorkingDay.community_id.is_not_distinct_from(community_id), which)
        .execution_options(synchronize_session=False)
    )
    if line.kind == USUAL:
        return
    assert line.kind in (OFF, ON)
    session.add(
        WorkingDay(
            company_id=company_id,
            community_id=community_id,
            weekday=weekday,
            day=day,
            hours=None if line.hours is None else [list(span) for span in line.hours],
            note=line.note,
        )
    )


def _set_quiet(session: Session, company_id: int, line: CalendarLine) -> None:
    accounts = session.scalars(sa.select(OfficialAccount.account).where(OfficialAccount.company_id == company_id)).all()
    if not accounts:
        raise Refusal("还没有公众号，免打扰时间先不能设，请删掉那一行再导入。")
    (begins, ends) = (line.hours or ((0, 0),))[0]
    for account in accounts:
        set_quiet_hours(session, account, begins, ends)


def _line(row: Any) -> Line:
    hours = None if row.hours is None else tuple((int(begins), int(ends)) for begins, ends in row.hours)
    return Line(row.community_id, row.weekday, row.day, hours, row.note)
