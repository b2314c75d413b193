"""`import`: a company's own ledger becomes the books, exactly, all of it or nothing."""

import threading
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from bot.clock import FixedClock
from bot.config import load_settings
from handlers.commands.import_ledger import import_command, run_import
from models.audit.tables import AuditEntry
from models.db import Database
from models.errors import Refusal
from models.estate.ledger import read_ledger
from models.estate.tables import Community, Company, Home
from models.imports.tables import Import
from models.people.tables import Person, Resident
from models.sheets.files import read_file
from tests.support.ledgers import CLEAN, COMMON, as_truth, truth

TABLES = (Company, Community, Home, Person, Resident, Import, AuditEntry)


@pytest.fixture
def books(database: Database, now: datetime) -> Database:
    """A company with two compounds and nothing in them."""
    with database.transaction() as session:
        company = Company(name="安居物业", created_at=now)
        session.add(company)
        session.flush()
        session.add_all(Community(company_id=company.id, name=name, created_at=now) for name in ("望春苑", "锦绣花园"))
    return database


@pytest.fixture
def mended(tmp_path: Path) -> Path:
    """The common ledger after a clerk has mended its five bad cells."""
    homes = truth(COMMON)["homes"]
    book = openpyxl.load_workbook(COMMON)
    page = book["1栋"]
    page["E7"] = homes["1-1-202"]["area"] / 100
    page["F9"] = homes["1-1-302"]["phone"]
    page["C11"].value, page["C11"].number_format = "402", "General"
    page["E13"] = homes["1-1-502"]["area"] / 100
    page["D15"] = homes["1-1-602"]["owner"]
    path = tmp_path / "改好的台账.xlsx"
    book.save(path)
    return path


def take_in(
    database: Database, path: Path, now: datetime, *, kind: Any = "homes", name: str = "望春苑", **more: Any
) -> None:
    run_import(database, kind, path, community_name=name, now=now, **{"dry_run": False, "agreed": True, **more})


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.__tablename__: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in TABLES
        }


def on_the_books(database: Database, community: str) -> dict[str, Any]:
    """The rows of one compound in the shape of a truth file."""
    with database.reading() as session:
        rows = session.execute(
            sa.select(Home, Person)
            .join(Community)
            .join(Resident, Resident.home_id == Home.id)
            .join(Person)
            .where(Community.name == community, Resident.relation == "owner")
        ).all()
        return {home.key: {"area": home.area, "owner": person.name, "phone": person.phone} for home, person in rows}


def workbook(folder: Path, *rows: list[Any], name: str = "台账.xlsx", title: str = "1栋") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    book.save(folder / name)
    return folder / name


# ----------------------------------------------------------------------------------------------------------- the real ledgers


def test_the_clean_ledger_becomes_exactly_its_truth(books: Database, now: datetime) -> None:
    take_in(books, CLEAN, now)
    assert on_the_books(books, "望春苑") == truth(CLEAN)
    assert counts(books)["homes"] == 72


def test_the_common_ledger_is_refused_with_exactly_its_bad_cells(
    books: Database, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    before = counts(books)
    with pytest.raises(Refusal, match="有 5 处要先改好，什么也没有写入"):
        take_in(books, COMMON, now)
    assert counts(books) == before
    refusals = read_ledger(read_file(COMMON).sheets, "homes").refusals
    assert sorted(f"{refusal.where} {refusal.column}" for refusal in refusals) == sorted(truth(COMMON)["bad_cells"])
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("看不懂：")]
    assert [line.removeprefix("看不懂：").split("「")[0] for line in said] == [
        "1栋!E7 面积",
        "1栋!F9 电话",
        "1栋!C11 房号",
        "1栋!E13 面积",
        "1栋!D15 业主",
    ]


def test_the_mended_ledger_becomes_exactly_its_truth(books: Database, mended: Path, now: datetime) -> None:
    take_in(books, mended, now)
    assert on_the_books(books, "望春苑") == truth(COMMON)["homes"]
    ledger = read_ledger(read_file(mended).sheets, "homes")
    assert as_truth(ledger) == truth(COMMON)["homes"]
    assert all(check.written == check.counted for check in ledger.totals_checked)
    assert len(ledger.totals_checked) == 6


def test_tenants_and_second_phones_of_the_common_ledger_are_kept(books: Database, mended: Path, now: datetime) -> None:
    take_in(books, mended, now)
    with books.reading() as session:
        tenants = session.scalars(
            sa.select(Person.name).join(Resident).where(Resident.relation == "tenant").order_by(Person.name)
        ).all()
        second = session.scalar(sa.select(Person.phone2).where(Person.name == "周超超"))
    assert set(tenants) == {"赵丽", "黄刚芳", "胡兰", "黄志艳"}
    assert second == "18744888899"


# ------------------------------------------------------------------------------------------------------------- once and again


def test_the_same_file_again_says_so_and_changes_nothing(
    books: Database, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    take_in(books, CLEAN, now)
    before = counts(books)
    capsys.readouterr()
    take_in(books, CLEAN, now + timedelta(days=1))
    assert capsys.readouterr().out == "这个文件 2026-03-10 09:30 已经导入过，什么也没有改。\n"
    assert counts(books) == before


def test_another_compound_may_take_the_same_file(books: Database, now: datetime) -> None:
    take_in(books, CLEAN, now)
    take_in(books, CLEAN, now, name="锦绣花园")
    assert on_the_books(books, "望春苑") == on_the_books(books, "锦绣花园") == truth(CLEAN)


def test_a_newer_ledger_changes_what_it_says_and_removes_nobody(
    books: Database, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = ["房号", "面积", "业主姓名", "联系电话"]
    take_in(books, workbook(tmp_path, header, ["101", 80, "张三", "13912345678"], ["102", 90, "李四", None]), now)
    newer = workbook(tmp_path, header, ["101", 80.5, "张三", "13912345679"], ["103", 70, "王五", None], name="新.xlsx")
    capsys.readouterr()
    take_in(books, newer, now)
    said = capsys.readouterr().out
    assert "房屋：新增 1 户，修改 1 户，不变 0 户。" in said
    assert "1栋101：面积 80.00 → 80.50" in said
    assert "1栋101 张三：电话 139****5678 → 139****5679" in said
    with books.reading() as session:
        assert {home.key: home.area for home in session.scalars(sa.select(Home))} == {
            "1-101": 8050,
            "1-102": 9000,
            "1-103": 7000,
        }
        assert {person.name: person.phone for person in session.scalars(sa.select(Person))} == {
            "张三": "13912345679",
            "李四": "",
            "王五": "",
        }


def test_a_new_owner_is_added_and_the_old_one_stays_on_the_books(
    books: Database, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take_in(books, workbook(tmp_path, ["房号", "业主姓名"], ["101", "张三"]), now)
    take_in(books, workbook(tmp_path, ["房号", "业主姓名"], ["101", "李四"]), now)
    assert "1栋101：新增业主 李四，原有业主 张三 仍保留" in capsys.readouterr().out
    assert counts(books)["residents"] == 2


def test_one_owner_of_several_homes_is_one_person(books: Database, now: datetime, tmp_path: Path) -> None:
    rows = [
        ["101", "张三", "13912345678"],
        ["102", "张三", "13912345678"],
        ["103", "张三", "13912345679"],
        ["104", "张三", None],
    ]
    take_in(books, workbook(tmp_path, ["房号", "业主姓名", "电话"], *rows), now)
    assert (counts(books)["people"], counts(books)["residents"]) == (3, 4)
    take_in(books, workbook(tmp_path, ["房号", "业主姓名", "电话"], ["201", *rows[0][1:]]), now)
    assert (counts(books)["people"], counts(books)["residents"]) == (3, 5)


def test_two_imports_at_once_of_one_file_take_it_in_once(books: Database, now: datetime) -> None:
    outcomes: list[str] = []

    def one() -> None:
        try:
            take_in(books, CLEAN, now)
            outcomes.append("done")
        except Refusal:
            outcomes.append("refused")

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "done" in outcomes
    assert (counts(books)["homes"], counts(books)["people"], counts(books)["imports"]) == (72, 72, 1)


# -------------------------------------------------------------------------------------------------------------- all or nothing


def test_a_dry_run_writes_nothing(books: Database, now: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    before = counts(books)
    take_in(books, CLEAN, now, dry_run=True)
    assert counts(books) == before
    assert "新增 72 户" in capsys.readouterr().out


def test_residents_of_a_home_nobody_knows_are_refused_and_the_others_not_written(
    books: Database, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take_in(books, workbook(tmp_path, ["房号", "面积"], ["101", 80]), now)
    before = counts(books)
    path = workbook(tmp_path, ["房号", "业主姓名"], ["101", "张三"], ["901", "李四"], name="住户.xlsx")
    with pytest.raises(Refusal, match="有 1 处要先改好"):
        take_in(books, path, now, kind="residents")
    assert counts(books) == before
    assert "1栋!B3 李四：系统里没有 1栋901 这一户" in capsys.readouterr().out


def test_residents_join_the_homes_on_the_books(books: Database, now: datetime, tmp_path: Path) -> None:
    take_in(books, workbook(tmp_path, ["房号", "面积"], ["101", 80]), now)
    rows = [["101", "张三", "业主", "13912345678"], ["101", "李四", "妻子", None], ["101", "王五", "租户", None]]
    take_in(
        books,
        workbook(tmp_path, ["房号", "姓名", "与业主关系", "电话"], *rows, name="住户.xlsx"),
        now,
        kind="residents",
    )
    with books.reading() as session:
        ties = session.execute(sa.select(Person.name, Resident.relation).join(Resident)).all()
    assert {tuple(tie) for tie in ties} == {("张三", "owner"), ("李四", "family"), ("王五", "tenant")}


def test_one_person_with_two_phones_for_one_home_is_asked_about(books: Database, now: datetime, tmp_path: Path) -> None:
    rows = [["101", "张三", "13912345678"], ["101", "张三", "13912345679"]]
    take_in(books, workbook(tmp_path, ["房号", "面积"], ["101", 80]), now)
    path = workbook(tmp_path, ["房号", "业主姓名", "电话"], *rows, name="住户.xlsx")
    with pytest.raises(Refusal, match="有 1 处要先改好"):
        take_in(books, path, now, kind="residents")
    assert counts(books)["people"] == 0


def test_an_import_asks_the_database_the_same_number_of_questions_whatever_its_size(
    books: Database, now: datetime, tmp_path: Path
) -> None:
    statements: list[str] = []
    sa.event.listen(books.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

    def cost(homes: int, title: str) -> int:
        rows = [[f"{100 + number}", 80, f"业主{'甲乙丙丁'[number % 4]}", None] for number in range(1, homes)]
        path = workbook(tmp_path, ["房号", "面积", "业主姓名", "电话"], *rows, title=title)
        statements.clear()
        take_in(books, path, now)
        return sum(statement.startswith("SELECT") for statement in statements)

    assert cost(5, "1栋") == cost(90, "2栋")


# --------------------------------------------------------------------------------------------------------------- which compound


def test_a_compound_that_is_not_named_among_several_is_asked_for(books: Database, now: datetime) -> None:
    with pytest.raises(Refusal, match=r"--community.*望春苑、锦绣花园"):
        take_in(books, CLEAN, now, name="")


def test_homes_of_a_new_compound_add_it(books: Database, now: datetime) -> None:
    take_in(books, CLEAN, now, name="新苑")
    assert on_the_books(books, "新苑") == truth(CLEAN)
    assert counts(books)["companies"] == 1


def test_a_name_too_long_for_a_compound_is_refused(books: Database, now: datetime) -> None:
    with pytest.raises(Refusal, match="太长"):
        take_in(books, CLEAN, now, name="苑" * 65)


def test_residents_of_a_compound_nobody_knows_are_refused(books: Database, now: datetime) -> None:
    with pytest.raises(Refusal, match="没有小区「新苑」"):
        take_in(books, CLEAN, now, kind="residents", name="新苑")


def test_the_very_first_ledger_begins_the_books(database: Database, now: datetime) -> None:
    take_in(database, CLEAN, now)
    assert on_the_books(database, "望春苑") == truth(CLEAN)


def test_a_compound_of_another_company_with_the_same_name_is_never_guessed(books: Database, now: datetime) -> None:
    with books.transaction() as session:
        other = Company(name="别家物业", created_at=now)
        session.add(other)
        session.flush()
        session.add(Community(company_id=other.id, name="望春苑", created_at=now))
    with pytest.raises(Refusal, match="分不清"):
        take_in(books, CLEAN, now)


# ----------------------------------------------------------------------------------------------------------------- the command


@pytest.fixture
def app(books: Database, now: datetime) -> Flask:
    app = Flask("linli")
    app.extensions["services"] = SimpleNamespace(database=books, clock=FixedClock(now), settings=load_settings({}))
    app.cli.add_command(import_command)
    return app


def run(app: Flask, *words: object, typed: str = "") -> Result:
    return app.test_cli_runner().invoke(args=["import", *map(str, words)], input=typed)


def test_the_command_writes_after_yes(app: Flask, books: Database) -> None:
    result = run(app, "homes", CLEAN, "--community", "望春苑", "--yes")
    assert (result.exit_code, "已写入。" in result.output) == (0, True)
    assert counts(books)["homes"] == 72


@pytest.mark.parametrize(("answer", "code", "homes"), [("y\n", 0, 72), ("n\n", 1, 0), ("", 1, 0)])
def test_the_command_asks_before_it_writes(app: Flask, books: Database, answer: str, code: int, homes: int) -> None:
    result = run(app, "homes", CLEAN, "--community", "望春苑", typed=answer)
    assert (result.exit_code, counts(books)["homes"]) == (code, homes)


def test_a_refused_ledger_exits_with_1_and_one_line_of_error(app: Flask, books: Database) -> None:
    result = run(app, "homes", COMMON, "--community", "望春苑", "--yes")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "有 5 处要先改好，什么也没有写入。"
    assert "1栋!F9" in result.stdout
    assert counts(books)["homes"] == 0


@pytest.mark.parametrize("words", [("homes", "没有.xlsx"), ("homes", __file__), ("people", CLEAN), ("homes",), ()])
def test_nonsense_is_refused_without_a_trace(app: Flask, words: tuple[object, ...]) -> None:
    result = run(app, *words)
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output


def test_no_output_carries_a_whole_phone(app: Flask, mended: Path) -> None:
    output = run(app, "homes", mended, "--community", "望春苑", "--yes").output
    output += run(app, "homes", COMMON, "--community", "锦绣花园").output
    phones = [home["phone"] for home in truth(COMMON)["homes"].values()]
    assert not [phone for phone in phones if phone in output]
