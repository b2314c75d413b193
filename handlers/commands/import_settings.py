"""`import calendar|sla|duty|prices FILE`: what a company decides about time and paid service, from a sheet, all of it or nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from handlers.commands.import_categories import only_company
from models.db import Database
from models.errors import Refusal
from models.estate.calendar_sheet import QUIET, WEEKDAYS, CalendarLine, hours_words, read_calendar
from models.estate.tables import Community
from models.estate.working_days import calendars_of, must_stay_open, set_calendar
from models.people.duty import set_duty_on
from models.people.duty_sheet import read_duty
from models.people.tables import Staff
from models.sheets.files import read_file
from models.sheets.grid import Sheet
from models.workorders.clock_rules import look_again, set_limits
from models.workorders.price_settings import add_prices, changed_by
from models.workorders.price_sheet import read_prices
from models.workorders.sla_sheet import BY_APPOINTMENT, read_limits

SHOWN = 20


@dataclass(frozen=True)
class Read:
    """A sheet that was read: what it is in a few words, what is wrong, what it would change, and how to write it."""

    what: str
    refusals: Sequence[str]
    changes: Sequence[str]
    write: Callable[[Session], None]


def run_import(database: Database, kind: str, path: Path, *, now: datetime, dry_run: bool, agreed: bool) -> None:
    """Read, show, ask, write. Raises Refusal when nothing was written because something must be mended first."""
    sheets = read_file(path).sheets
    with database.reading() as session:
        read = KINDS[kind](session, only_company(session), sheets, now)
    click.echo(f"读了「{path.name}」：{read.what}。")
    for refusal in read.refusals:
        click.echo(f"看不懂：{refusal}")
    if read.refusals:
        raise Refusal(f"有 {len(read.refusals)} 处要先改好，什么也没有写入。")
    if not read.changes:
        raise Refusal("表里没有要写入的内容。")
    for change in read.changes[:SHOWN]:
        click.echo(f"  {change}")
    if len(read.changes) > SHOWN:
        click.echo(f"  …… 还有 {len(read.changes) - SHOWN} 行")
    if dry_run:
        click.echo("只是试看，什么也没有写入。")
        return
    if not agreed and not click.confirm("写入吗？"):
        raise Refusal("没有写入。")
    with database.transaction() as session:
        read.write(session)
    click.echo("已写入，马上生效。")


def _calendar(session: Session, company_id: int, sheets: Iterable[Sheet], now: datetime) -> Read:
    communities = _communities(session, company_id)
    sheet = read_calendar(sheets, communities)
    if not sheet.refusals:
        must_stay_open(session, company_id, sheet.lines, communities, now)

    def write(session: Session) -> None:
        set_calendar(session, company_id, sheet.lines, communities, now=now, by="command")
        look_again(session, company_id, now)

    return Read(f"日历 {len(sheet.lines)} 行", sheet.refusals, [_calendar_words(line) for line in sheet.lines], write)


def _calendar_words(line: CalendarLine) -> str:
    if line.dates:
        days = f"{line.dates[0]}" if len(line.dates) == 1 else f"{line.dates[0]}至{line.dates[-1]}"
    else:
        days = "每天" if len(line.weekdays) == 7 else "、".join(f"周{WEEKDAYS[day]}" for day in line.weekdays)
    if line.kind == QUIET and line.hours:
        begins, ends = line.hours[0]
        return f"{days} 免打扰 {begins // 60:02}:{begins % 60:02}-{ends // 60:02}:{ends % 60:02}"
    parts = (line.community, days, line.kind, hours_words(line.hours) if line.hours else "", line.note)
    return " ".join(part for part in parts if part)


def _limits(session: Session, company_id: int, sheets: Iterable[Sheet], now: datetime) -> Read:
    sheet = read_limits(sheets)
    changes = [
        f"{priority}：接单 {limit.response} 分钟，上门 {limit.arrive or BY_APPOINTMENT}{' 分钟' if limit.arrive else ''}，"
        f"修好 {limit.finish} 分钟，{'全天都算' if limit.always else '只算上班时间'}"
        for priority, limit in sheet.limits.items()
    ]
    return Read(
        f"时限 {len(sheet.limits)} 级",
        sheet.refusals,
        changes,
        lambda session: set_limits(session, company_id, sheet.limits, now=now, by="command"),
    )


def _duty(session: Session, company_id: int, sheets: Iterable[Sheet], now: datetime) -> Read:
    communities = _communities(session, company_id)
    sheet = read_duty(sheets, _staff(session, company_id), communities)

    def write(session: Session) -> None:
        calendars = calendars_of(session, company_id, now)
        for line in sheet.lines:
            community_id = communities.get(line.community)
            staff = session.scalars(sa.select(Staff).where(Staff.id.in_(line.staff_ids)).order_by(Staff.id)).all()
            for day in line.days:
                set_duty_on(
                    session,
                    company_id=company_id,
                    community_ids=[community_id],
                    staff=staff,
                    day=day,
                    calendar=calendars.of(community_id or 0),
                    now=now,
                    by="command",
                    source="command",
                )

    changes = [
        " ".join(
            part
            for part in (
                line.community,
                f"{line.days[0]}" if len(line.days) == 1 else f"{line.days[0]}至{line.days[-1]}",
                "、".join(line.names),
            )
            if part
        )
        for line in sheet.lines
    ]
    return Read(f"值班 {len(sheet.lines)} 行", sheet.refusals, changes, write)


def _communities(session: Session, company_id: int) -> dict[str, int]:
    rows = session.execute(sa.select(Community.name, Community.id).where(Community.company_id == company_id))
    return {name: number for name, number in rows}


def _staff(session: Session, company_id: int) -> dict[str, int]:
    """Workers and leads by name; two of one name are left out, since nobody could tell which is meant."""
    rows = session.execute(
        sa.select(Staff.name, sa.func.min(Staff.id))
        .where(Staff.company_id == company_id, Staff.left_at.is_(None), Staff.role.in_(("worker", "lead")))
        .group_by(Staff.name)
        .having(sa.func.count() == 1)
    )
    return {name: number for name, number in rows}


def _prices(session: Session, company_id: int, sheets: Iterable[Sheet], now: datetime) -> Read:
    sheet = read_prices(sheets)
    changed = changed_by(session, company_id, sheet.rows, now.date())
    return Read(
        f"有偿服务价目 {len(sheet.rows)} 项",
        sheet.refusals,
        [f"{row.price.words}（{row.document}）" if row.active else f"{row.price.name}：不再收费" for row in changed],
        lambda session: add_prices(session, company_id, changed, by="command", now=now),
    )


KINDS: dict[str, Callable[[Session, int, Iterable[Sheet], datetime], Read]] = {
    "calendar": _calendar,
    "sla": _limits,
    "duty": _duty,
    "prices": _prices,
}
