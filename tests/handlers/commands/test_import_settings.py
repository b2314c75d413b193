"""`import calendar|sla|duty`: what is written holds at once, what cannot be read changes nothing, what is exported comes back."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.commands.import_settings import run_import
from models.calendar import SHANGHAI, Calendar, between, clock_on
from models.db import Database
from models.errors import Refusal
from models.estate.calendar_sheet import read_calendar
from models.estate.tables import OfficialAccount, WorkingDay
from models.estate.working_days import calendars_of, quiet_hours_of
from models.people.duty import on_night_duty
from models.people.tables import DutyShift
from models.sheets.files import read_file
from models.workorders.clock_rules import limits_of
from models.workorders.sla import DEFAULTS, Limit
from models.workorders.tables import OrderClock
from tests.handlers.commands.conftest import Run
from tests.support.repairs import Cast, settle

SAMPLE = Path(__file__).parents[3] / "docs" / "samples" / "工作日历-2026.csv"
HEAD = ("日期", "放假/上班", "时间", "午休", "说明", "小区")


@pytest.fixture
def cast(database: Database, now: datetime) -> Cast:
    with database.transaction() as session:
        return settle(session, now)


def sheet(folder: Path, *rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> Path:
    path = folder / "表.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def take_in(database: Database, kind: str, path: Path, now: datetime, *, dry_run: bool = False) -> None:
    run_import(database, kind, path, now=now, dry_run=dry_run, agreed=True)


def calendar(database: Database, cast: Cast, now: datetime, community_id: int = 0) -> Calendar:
    with database.reading() as session:
        return calendars_of(session, cast.company_id, now).of(community_id)


def rows(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_the_sample_is_the_notice_of_the_state_council(
    database: Database, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    """国务院办公厅关于2026年部分节假日安排的通知 (2025-11-04): 33 days off, 6 weekend days at work."""
    take_in(database, "calendar", sheet(tmp_path, ("周一至周五", "上班", "08:00-18:00", "12:00-13:00", "", "")), now)
    take_in(database, "calendar", sheet(tmp_path, ("周六至周日", "放假", "", "", "", "")), now)
    take_in(database, "calendar", SAMPLE, now)
    holds = calendar(database, cast, now)
    off = [day for day, dated in holds.dates.items() if not dated.hours]
    at_work = [day for day, dated in holds.dates.items() if dated.hours]
    assert len(off) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert at_work == [
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
    ]  # fmt: skip
    assert all(day.weekday() >= 5 for day in at_work)
    assert holds.hours_on(date(2026, 2, 14)) == ((480, 720), (780, 1080))
    assert holds.note_on(date(2026, 10, 1)) == "国庆节"


def test_a_compound_may_have_its_own_hours(database: Database, cast: Cast, now: datetime, tmp_path: Path) -> None:
    take_in(
        database,
        "calendar",
        sheet(
            tmp_path,
            ("每天", "上班", "09:00-17:00", "", "", ""),
            ("每天", "上班", "00:00-24:00", "", "", "望江苑"),
            ("2026-03-10", "放假", "", "", "停电检修", "望江苑"),
        ),
        now,
    )
    day = clock_on(date(2026, 3, 11), 0)
    assert between(calendar(database, cast, now, cast.garden), day, day + timedelta(days=1)) == 8 * 3600
    assert between(calendar(database, cast, now, cast.river), day, day + timedelta(days=1)) == 24 * 3600
    assert calendar(database, cast, now, cast.river).note_on(date(2026, 3, 10)) == "停电检修"
    assert calendar(database, cast, now, cast.garden).note_on(date(2026, 3, 10)) == ""


@pytest.mark.parametrize(
    ("row", "cell", "reason"),
    [
        (("昨天", "上班", "08:00-18:00", "", "", ""), "A2 日期", "看不懂"),
        (("2026-02-30", "放假", "", "", "", ""), "A2 日期", "没有这一天"),
        (("2026-10-07至2026-10-01", "放假", "", "", "", ""), "A2 日期", "从前往后"),
        (("2026-01-01至2026-12-31", "放假", "", "", "", ""), "A2 日期", "最多31天"),
        (("周五至周一", "上班", "08:00-18:00", "", "", ""), "A2 日期", "从周一往周日"),
        (("周一", "休息", "", "", "", ""), "B2 放假/上班", "请写：放假、上班、平时、免打扰"),
        (("周一", "上班", "", "", "", ""), "C2 时间", "看不懂"),
        (("周一", "上班", "早八到晚六", "", "", ""), "C2 时间", "看不懂"),
        (("周一", "上班", "18:00-08:00", "", "", ""), "C2 时间", "结束的时间要晚于开始"),
        (("周一", "上班", "08:00-12:00 11:00-18:00", "", "", ""), "C2 时间", "重叠"),
        (("周一", "上班", "08:00-25:00", "", "", ""), "C2 时间", "重叠，或者超过"),
        (("周一", "上班", "08:70-12:00", "", "", ""), "C2 时间", "没有这个时间"),
        (("周一", "放假", "08:00-12:00", "", "", ""), "C2 时间", "不用写时间"),
        (("周一", "上班", "08:00-18:00", "07:00-19:00", "", ""), "D2 午休", "午休要在上班时间之内"),
        (("周一", "上班", "08:00-18:00", "08:00-18:00", "", ""), "D2 午休", "午休要在上班时间之内"),
        (("周一", "放假", "", "12:00-13:00", "", ""), "D2 午休", "有上班时间才能写午休"),
        (("周一", "放假", "", "", "长" * 33, ""), "E2 说明", "最多32个字"),
        (("周一", "放假", "", "", "", "月亮湾"), "F2 小区", "没有叫「月亮湾」的小区"),
        (("每天", "免打扰", "08:00-21:00", "", "", ""), "C2 时间", "21:00-08:00"),
        (("周一", "免打扰", "21:00-08:00", "", "", ""), "C2 时间", "每天"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, row: tuple[str, ...], cell: str, reason: str) -> None:
    read = read_calendar(read_file(sheet(tmp_path, row)).sheets, {"望江苑": 2})
    assert read.lines == ()
    assert len(read.refusals) == 1
    assert cell in read.refusals[0]
    assert reason in read.refusals[0]


def test_one_bad_cell_and_nothing_is_written(
    database: Database, cast: Cast, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = ("2026-05-01", "放假", "", "", "劳动节", ""), ("2026-05-01", "放假", "", "", "", "")
    with pytest.raises(Refusal, match="什么也没有写入"):
        take_in(database, "calendar", sheet(tmp_path, good, bad), now)
    assert "A3 日期：这一天写了两次" in capsys.readouterr().out
    assert rows(database, WorkingDay) == 0


def test_a_week_without_hours_is_refused_in_one_sentence(
    database: Database, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    for place in ("", "望江苑"):
        with pytest.raises(Refusal, match="至少要有一段上班时间"):
            take_in(database, "calendar", sheet(tmp_path, ("每天", "放假", "", "", "", place)), now)
    assert rows(database, WorkingDay) == 0
    take_in(database, "calendar", sheet(tmp_path, ("周一至周六", "放假", "", "", "", "")), now)
    with pytest.raises(Refusal, match="至少要有一段上班时间"):
        take_in(database, "calendar", sheet(tmp_path, ("周日", "放假", "", "", "", "")), now)


def test_a_day_may_go_back_to_what_it_was(database: Database, cast: Cast, now: datetime, tmp_path: Path) -> None:
    take_in(database, "calendar", sheet(tmp_path, ("2026-05-01", "放假", "", "", "劳动节", "")), now)
    take_in(database, "calendar", sheet(tmp_path, ("2026-05-01", "平时", "", "", "", "")), now)
    assert calendar(database, cast, now).dates == {}


def test_looking_only_writes_nothing(database: Database, cast: Cast, now: datetime, tmp_path: Path) -> None:
    take_in(database, "calendar", sheet(tmp_path, ("2026-05-01", "放假", "", "", "", "")), now, dry_run=True)
    assert rows(database, WorkingDay) == 0


def test_quiet_hours_belong_to_the_companys_account(
    database: Database, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    path = sheet(tmp_path, ("每天", "免打扰", "22:00-07:00", "", "", ""))
    with pytest.raises(Refusal, match="还没有公众号"):
        take_in(database, "calendar", path, now)
    with database.transaction() as session:
        session.add(OfficialAccount(account="gh_test", company_id=cast.company_id))
    take_in(database, "calendar", path, now)
    with database.reading() as session:
        quiet = quiet_hours_of(session, cast.company_id)
    assert quiet is not None
    assert (quiet.begins, quiet.ends) == (22 * 60, 7 * 60)


LIMITS = ("优先级", "接单分钟", "上门分钟", "修好分钟", "时钟")


def test_limits_hold_at_once_for_what_is_open_too(
    database: Database, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    with database.transaction() as session:
        order = cast.report(session, now).order
        session.add(
            OrderClock(
                order_id=order.id, moved_at=now, priority="P2", response_due=now, finish_due=now, next_look_at=None
            )
        )
    take_in(database, "sla", sheet(tmp_path, ("P2", "20", "600", "1200", "上班时间"), head=LIMITS), now)
    with database.reading() as session:
        limits = limits_of(session, cast.company_id)
        assert session.get_one(OrderClock, order.id).next_look_at == now
    assert limits["P2"] == Limit(20, 600, 1200, always=False)
    assert limits["P1"] == DEFAULTS["P1"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("P9", "20", "600", "1200", "全天"), "P0、P1、P2 或 P3"),
        (("P2", "0", "600", "1200", "全天"), "整数分钟"),
        (("P2", "20", "一天", "1200", "全天"), "按预约"),
        (("P2", "20", "600", "12.5", "全天"), "整数分钟"),
        (("P2", "20", "600", "1200", "白天"), "全天或上班时间"),
        (("P1", "20", "60", "240", "上班时间"), "P0、P1 不能等到上班"),
        (("P2", "60", "30", "1200", "全天"), "一个不比一个短"),
    ],
)
def test_limits_that_make_no_sense_are_refused(
    database: Database, cast: Cast, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    row: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    with pytest.raises(Refusal, match="什么也没有写入"):
        take_in(database, "sla", sheet(tmp_path, row, head=LIMITS), now)
    assert said in capsys.readouterr().out
    with database.reading() as session:
        assert limits_of(session, cast.company_id) == DEFAULTS


DUTY = ("日期", "值班人", "小区")


def test_a_night_roster_says_who_it_is_tonight(database: Database, cast: Cast, now: datetime, tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        ("2026-03-10至2026-03-12", "刘师傅、陈师傅", ""),
        ("2026-03-10", "周师傅", "望江苑"),
        head=DUTY,
    )
    for _ in range(2):
        take_in(database, "duty", path, now)
    assert rows(database, DutyShift) == 7
    night = now.replace(hour=23)
    with database.reading() as session:
        here = on_night_duty(session, cast.company_id, cast.garden, night)
        there = on_night_duty(session, cast.company_id, cast.river, night)
        by_day = on_night_duty(session, cast.company_id, cast.garden, now)
    assert [person.name for person in here] == ["陈师傅", "刘师傅"]
    assert [person.name for person in there] == ["周师傅", "陈师傅", "刘师傅"]
    assert by_day == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("2026-03-10", "孙悟空", ""), "没有叫「孙悟空」"),
        (("2026-03-10", "赵经理", ""), "没有叫「赵经理」的师傅或班长"),
        (("2026-03-10", "", ""), "请写值班人"),
        (("每晚", "刘师傅", ""), "看不懂这个日期"),
        (("2026-03-10", "刘师傅", "月亮湾"), "没有叫「月亮湾」"),
        (("2026-03-12至2026-03-10", "刘师傅", ""), "从前往后"),
    ],
)
def test_a_roster_with_a_stranger_is_refused(
    database: Database, cast: Cast, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    row: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    with pytest.raises(Refusal, match="什么也没有写入"):
        take_in(database, "duty", sheet(tmp_path, row, head=DUTY), now)
    assert said in capsys.readouterr().out
    assert rows(database, DutyShift) == 0


def test_what_is_exported_can_be_imported_again(
    run: Run, database: Database, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    with database.transaction() as session:
        session.add(OfficialAccount(account="gh_test", company_id=cast.company_id))
    take_in(
        database,
        "calendar",
        sheet(
            tmp_path,
            ("周一至周五", "上班", "08:00-18:00", "12:00-13:00", "", ""),
            ("周日", "放假", "", "", "", ""),
            ("2026-10-01至2026-10-07", "放假", "", "", "国庆节", ""),
            ("2026-10-10", "上班", "", "", "补班", ""),
            ("周六", "上班", "09:00-12:00", "", "", "望江苑"),
        ),
        now,
    )
    take_in(database, "duty", sheet(tmp_path, ("2026-03-10", "刘师傅、陈师傅", "望江苑"), head=DUTY), now)
    for kind, table in (("calendar", WorkingDay), ("sla", None), ("duty", DutyShift)):
        first = tmp_path / f"{kind}.csv"
        assert run("export", kind, "--format", "csv", "--output", str(first)).exit_code == 0
        before = calendar(database, cast, now, cast.river)
        again = run("import", kind, str(first), "--yes")
        assert again.exit_code == 0, again.output
        assert calendar(database, cast, now, cast.river) == before
        second = run("export", kind, "--format", "csv")
        assert second.stdout_bytes == first.read_bytes()
        assert table is None or rows(database, table) > 0


def test_shanghai_is_what_the_sheet_speaks_of() -> None:
    assert clock_on(date(2026, 3, 10), 480) == datetime(2026, 3, 10, 8, tzinfo=SHANGHAI)
