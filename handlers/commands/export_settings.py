"""What a company has decided about time, as the sheets that `import` reads again."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.calendar_sheet import OFF, ON, QUIET, WEEKDAYS, hours_words
from models.estate.tables import Community
from models.estate.working_days import DEFAULT_WEEK, quiet_hours_of, rows_of
from models.messaging.quiet_hours import DEFAULT
from models.people.tables import DutyShift, Staff
from models.workorders.clock_rules import limits_of
from models.workorders.price_settings import held
from models.workorders.price_sheet import yuan_of
from models.workorders.sla_sheet import BY_APPOINTMENT, CLOCK_WORDS

Row = tuple[Any, ...]


def calendar_rows(session: Session, company: Any) -> Iterator[Row]:
    """The whole week as it holds, then what the company has written besides, then the quiet hours."""
    names = {number: name for number, name in session.execute(sa.select(Community.id, Community.name))}
    rows = list(rows_of(session, company.id))
    own = {row.weekday: row for row in rows if row.community_id is None and row.weekday is not None}
    for weekday, usual in enumerate(DEFAULT_WEEK):
        row = own.get(weekday)
        hours = usual if row is None else row.hours or ()
        yield (f"周{WEEKDAYS[weekday]}", ON if hours else OFF, hours_words(hours), "", row.note if row else "", "")
    for row in rows:
        if row.weekday is not None and row.community_id is None:
            continue
        day = f"周{WEEKDAYS[row.weekday]}" if row.weekday is not None else f"{row.day}"
        open_then = row.hours is None or bool(row.hours)
        where = names.get(row.community_id, "") if row.community_id is not None else ""
        yield (day, ON if open_then else OFF, hours_words(row.hours or ()), "", row.note, where)
    quiet = quiet_hours_of(session, company.id)
    begins, ends = (quiet.begins, quiet.ends) if quiet is not None else DEFAULT
    yield ("每天", QUIET, f"{begins // 60:02}:{begins % 60:02}-{ends // 60:02}:{ends % 60:02}", "", "", "")


def price_rows(session: Session, company: Any) -> Iterator[Row]:
    """有偿服务价目 with everything that was put on it so far; what was taken off stands there as such."""
    for row in held(session, company.id):
        price = row.price
        yield (
            price.name,
            price.unit,
            yuan_of(price.low),
            yuan_of(price.high),
            row.document,
            "是" if row.active else "否",
        )


def limit_rows(session: Session, company: Any) -> Iterator[Row]:
    for priority, limit in sorted(limits_of(session, company.id).items()):
        arrive = BY_APPOINTMENT if limit.arrive is None else limit.arrive
        yield (priority, limit.response, arrive, limit.finish, CLOCK_WORDS[limit.always])


def duty_rows(session: Session, company: Any) -> Iterator[Row]:
    """One line for each night and compound; people who share a night stand in one cell."""
    rows = session.execute(
        sa.select(DutyShift.begins_at, Staff.name, Community.name.label("community"))
        .join(Staff, Staff.id == DutyShift.staff_id)
        .outerjoin(Community, Community.id == DutyShift.community_id)
        .where(DutyShift.company_id == company.id)
        .order_by(DutyShift.begins_at, Community.name, DutyShift.id)
    ).all()
    nights: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        nights.setdefault((f"{row.begins_at:%Y-%m-%d}", row.community or ""), []).append(row.name)
    for (day, community), names in nights.items():
        yield (day, "、".join(names), community)
