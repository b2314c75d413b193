"""`import readings`: the sample ledger read as a careful clerk would, then mended, written once, and never twice."""

import csv
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.billing.meter_tables import Meter, Reading
from models.db import Database
from models.estate.tables import Community, Company, Home
from tests.handlers.commands.conftest import Run
from tests.support.ledgers import SAMPLES

ROOMS = (("1", "101"), ("1", "102"), ("1", "201"), ("1", "202"), ("1", "301"), ("1", "302"))


@pytest.fixture
def books(database: Database, now: object) -> Database:
    with database.transaction() as session:
        session.add(Company(name="安居物业", created_at=now))
        session.flush()
        company = session.scalars(sa.select(Company.id)).one()
        session.add(Community(company_id=company, name="锦绣花园", created_at=now))
        session.flush()
        community = session.scalars(sa.select(Community.id)).one()
        session.add_all(
            Home(community_id=community, building="1", entrance=entrance, room=room, created_at=now)
            for entrance, room in ROOMS
        )
    return database


def take_in(run: Run, path: Path | str, *more: str) -> tuple[int, str]:
    result = run("import", "readings", str(path), "--yes", *more)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.output


def table(folder: Path, *rows: tuple[str, ...], head: tuple[str, ...]) -> Path:
    path = folder / "水表.csv"
    with path.open("w", encoding="gbk", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def kept(books: Database) -> list[tuple[str, date, int, bool]]:
    with books.reading() as session:
        return [
            tuple(row)
            for row in session.execute(
                sa.select(Meter.room, Reading.on, Reading.value, Reading.rolled)
                .join(Meter, Meter.id == Reading.meter_id)
                .order_by(Meter.room, Reading.on, Reading.seq)
            )
        ]


def test_f46_the_sample_is_read_as_a_careful_clerk_would(books: Database, run: Run) -> None:
    code, said = take_in(run, SAMPLES / "抄表-gbk.csv")
    assert code == 1
    assert "抄表-gbk!D3 本期读数「12」：1栋1单元102水表上期99987，这次的读数比上次小" in said
    assert "在备注写「走满一圈」" in said
    assert "抄表-gbk!D4 本期读数「528」" in said
    assert "抄表-gbk!D5 本期读数「4210」：1栋1单元202水表上期410，比上次多出太多，像是多写了一位" in said
    assert "抄表-gbk!B6 抄表日期「2026/2/30」：没有这一天" in said
    assert "没抄到：抄表-gbk!D7 1栋1单元302水表：没有抄到（未入户）" in said
    assert "按水表来记" in said
    assert "有 4 处要先改好" in said
    assert kept(books) == []


def test_what_is_wrong_with_one_meter_is_not_said_of_the_next(
    books: Database, run: Run, tmp_path: Path, now: object
) -> None:
    """A meter that is refused is forgotten, and what it showed with it."""
    with books.transaction() as session:
        community = session.scalars(sa.select(Community.id)).one()
        session.add_all(
            Home(community_id=community, building="2", entrance="1", room=f"{room}", created_at=now)
            for room in range(101, 131)
        )
    rows = [(f"2-1-{room}", "2026/3/1", f"{room + 9_000}", "7") for room in range(101, 131)]
    code, said = take_in(run, table(tmp_path, *rows, head=HEAD[:4]))
    assert code == 1
    for room in range(101, 131):
        assert f"2栋1单元{room}水表上期{room + 9_000}，这次的读数比上次小" in said
    assert "系统里" not in said


HEAD = ("房号", "抄表日期", "上期读数", "本期读数", "备注")
MENDED = (
    ("1-1-101", "2026/3/1", "1286", "1301", ""),
    ("1-1-102", "2026-3-1", "99987", "12", "走满一圈"),
    ("1-1-201", "20260301", "530", "6", "换表 旧表547 新表0"),
    ("1栋1单元202室", "2026.3.1", "410", "4210", "已核对"),
    ("1-1-302", "2026/3/1", "210", "", "未入户"),
    ("合计", "", "", "5529", ""),
)


def test_what_was_mended_is_written_once_and_the_next_month_goes_on_from_it(
    books: Database, run: Run, tmp_path: Path
) -> None:
    code, said = take_in(run, table(tmp_path, *MENDED, head=HEAD), "--dry-run")
    assert (code, kept(books)) == (0, [])
    code, said = take_in(run, table(tmp_path, *MENDED, head=HEAD))
    assert (code, "新登记 4 块表，记 4 个读数" in said) == (0, True), said
    day = date(2026, 3, 1)
    assert kept(books) == [
        ("101", day, 13_010_000, False),
        ("102", day, 120_000, True),
        ("201", day, 60_000, False),
        ("202", day, 42_100_000, False),
    ]
    assert "和系统里的一样" in take_in(run, table(tmp_path, *MENDED, head=HEAD))[1]
    # What the sheet calls 上期 must be what is on the books; a day to come and a wrong use are asked back, too.
    wrong = (
        ("1-1-101", "2026/3/9", "1300", "1310", ""),
        ("1-1-102", "2026/9/9", "12", "20", ""),
        ("9-9-999", "2026/3/9", "1", "2", ""),
    )
    code, said = take_in(run, table(tmp_path, *wrong, head=HEAD))
    assert code == 1
    assert "水表!C2 上期读数「1300」：系统里1栋1单元101水表上期是1301" in said
    assert "水表!B3" in said
    assert "系统里没有这一户" in said
    assert len(kept(books)) == 4


def test_a_sheet_tells_kinds_masters_ratios_and_sums_that_do_not_tie(books: Database, run: Run, tmp_path: Path) -> None:
    head = ("楼栋", "房号", "表类型", "倍率", "上期读数", "本期读数", "用量", "抄表日期")
    rows = (
        ("1", "总表", "电表", "40", "1498.2", "1523.4", "1008", "2026-03-01"),
        ("1", "101", "电", "", "20", "30", "10", "2026-03-01"),
        ("1", "102", "电", "", "20", "30", "11", "2026-03-01"),
        ("1", "102", "电", "", "20", "30", "10", "2026-03-01"),
        ("1", "201", "煤", "", "20", "30", "10", "2026-03-01"),
        ("1", "202", "电", "", "=1+1", "30", "10", "2026-03-01"),
    )
    code, said = take_in(run, table(tmp_path, *rows, head=head))
    assert code == 1
    for words in ("水表!G4 用量「11」：按读数算是10", "和 水表!B4 是同一块表", "水表!C6 表类型「煤」", "水表!E7 "):
        assert words in said, said
    code, said = take_in(run, table(tmp_path, *rows[:2], head=head))
    assert code == 0, said
    with books.reading() as session:
        master = session.scalars(sa.select(Meter).where(Meter.home_id.is_(None))).one()
        assert (master.kind, master.building, master.ratio) == ("electric", "1", "40")
