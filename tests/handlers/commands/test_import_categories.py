"""`import categories`: what a company changes about its categories holds from the next report on."""

import csv
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.commands.import_categories import run_import
from models.audit.tables import AuditEntry
from models.db import Database
from models.errors import Refusal
from models.estate.tables import Company
from models.workorders.category_settings import rules_of
from models.workorders.category_sheet import COLUMNS
from models.workorders.tables import Category


@pytest.fixture
def books(database: Database, now: datetime) -> Database:
    with database.transaction() as session:
        session.add(Company(name="安居物业", created_at=now))
    return database


def table(folder: Path, *rows: tuple[str, ...], head: tuple[str, ...] = COLUMNS) -> Path:
    path = folder / "类别.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def take_in(books: Database, path: Path, now: datetime, *, dry_run: bool = False) -> None:
    run_import(books, path, now=now, dry_run=dry_run, agreed=True)


def holds(books: Database, code: str) -> tuple[str, str, str, str]:
    with books.reading() as session:
        company = session.scalars(sa.select(Company.id)).one()
        rule = next(rule for rule in rules_of(session, company) if rule.code == code)
    return rule.trade, rule.scope, rule.priority, rule.answer


def test_what_the_company_writes_holds(books: Database, tmp_path: Path, now: datetime) -> None:
    take_in(books, table(tmp_path, ("水", "综合", "户内", "P1", "水表以内由业主负责。", "是")), now)
    assert holds(books, "水") == ("综合", "inside", "P1", "水表以内由业主负责。")
    with books.reading() as session:
        assert [entry.action for entry in session.scalars(sa.select(AuditEntry))] == ["categories.set"]


def test_what_is_switched_off_goes_back_to_the_products_own(books: Database, tmp_path: Path, now: datetime) -> None:
    before = holds(books, "绿化")
    take_in(books, table(tmp_path, ("绿化", "综合", "公共", "P1", "x", "是")), now)
    assert holds(books, "绿化") != before
    take_in(books, table(tmp_path, ("绿化", "综合", "公共", "P1", "x", "否")), now)
    assert holds(books, "绿化") == before


@pytest.mark.parametrize(
    ("row", "cell", "reason"),
    [
        (("水水", "水工", "户内", "P2", "", ""), "A2 类别", "没有这个类别"),
        (("水", "法师", "户内", "P2", "", ""), "B2 工种", "没有这个工种"),
        (("水", "水工", "屋里", "P2", "", ""), "C2 范围", "公共、户内或共用"),
        (("水", "水工", "户内", "P9", "", ""), "D2 默认优先级", "P0、P1、P2 或 P3"),
        (("水", "水工", "户内", "P2", "长" * 201, ""), "E2 责任说明", "最多200个字"),
        (("水", "水工", "户内", "P2", "", "也许"), "F2 启用", "是 或 否"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_written(
    books: Database,
    tmp_path: Path,
    now: datetime,
    capsys: pytest.CaptureFixture[str],
    row: tuple[str, ...],
    cell: str,
    reason: str,
) -> None:
    good = ("电", "电工", "户内", "P1", "好", "是")
    with pytest.raises(Refusal, match="什么也没有写入"):
        take_in(books, table(tmp_path, row, good), now)
    said = capsys.readouterr().out
    assert cell in said
    assert reason in said
    with books.reading() as session:
        assert session.scalars(sa.select(Category)).all() == []


def test_a_category_written_twice_is_refused(
    books: Database, tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    row = ("水", "水工", "户内", "P2", "", "是")
    with pytest.raises(Refusal):
        take_in(books, table(tmp_path, row, row), now)
    assert "A3 类别：这个类别写了两次" in capsys.readouterr().out


def test_a_table_without_its_columns_is_refused(books: Database, tmp_path: Path, now: datetime) -> None:
    with pytest.raises(Refusal):
        take_in(books, table(tmp_path, ("水", "水工"), head=("类别", "工种")), now)


def test_looking_only_writes_nothing(books: Database, tmp_path: Path, now: datetime) -> None:
    before = holds(books, "水")
    take_in(books, table(tmp_path, ("水", "综合", "户内", "P1", "x", "是")), now, dry_run=True)
    assert holds(books, "水") == before


def test_the_same_again_says_so(
    books: Database, tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    path = table(tmp_path, ("水", "综合", "户内", "P1", "x", "是"))
    take_in(books, path, now)
    take_in(books, path, now)
    assert "没有要改的" in capsys.readouterr().out
