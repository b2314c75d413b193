"""A company's own ledger of payments becomes bills of the months that are owed; whatever nobody should guess is refused."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from handlers.commands.import_arrears import run_import
from handlers.commands.undo_import import run_undo
from handlers.web.desk_imports import KINDS
from models.billing.arrears import KIND
from models.billing.arrears_sheet import ArrearsSheet, read_arrears
from models.billing.ledger import balance
from models.billing.tables import Bill
from models.db import Database
from models.errors import Refusal
from models.estate.tables import Home
from models.payments.actions import Money, take_in
from models.payments.invariants import violations
from models.sheets.files import read_file
from tests.support.imports import ledger_file, open_company
from tests.support.ledgers import sheet, truth

SAMPLES = Path(__file__).parents[2] / "samples"
LEDGER = SAMPLES / "收费台账-2025.xlsx"
HEAD = ["房号", "业主", "月物业费", "1月", "2月", "3月", "应收", "实收", "欠费"]
TITLE = ["望春苑2025年收费台账"]


def read(*rows: list[Any], title: Any = TITLE, head: Any = HEAD, **more: Any) -> ArrearsSheet:
    return read_arrears([sheet("2025年", title, head, *rows)], **more)


def test_the_sample_is_read_as_a_careful_clerk_reads_it() -> None:
    found = read_arrears(read_file(LEDGER).sheets)
    assert (found.refusals, found.warnings, found.checked) == ([], [], 3)
    assert {
        f"{row.address.building}-{row.address.entrance}-{row.address.door}": {
            "month": row.month, "due": row.due, "paid": row.paid, "owes": row.owes,
        }
        for row in found.rows
    } == truth(LEDGER)  # fmt: skip


def test_each_month_is_owed_with_what_is_left_of_it() -> None:
    found = read(["1-1-101", "张三", 100, "√", 60, None, 300, 160, 140])
    assert found.refusals == []
    assert [(f"{one.start:%m-%d}", f"{one.end:%m-%d}", one.fen, one.cell) for one in found.rows[0].owed] == [
        ("02-01", "02-28", 4000, "2025年!E3"),
        ("03-01", "03-31", 10000, "2025年!F3"),
    ]


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        (["1-1-101", "张三", 100, "免", None, None], "2025年!D3 免：这里只写了记号，没有写金额"),
        (["1-1-101", "张三", 100, 250, None, None], "2025年!D3 250：比一个月的100.00元还多"),
        (["1-1-101", "张三", 100, "165.33(含滞纳金12)", None, None], "2025年!D3"),
        (["1-1-101", "张三", None, "√", None, None], "2025年!C3 ：没有写月物业费"),
        (["1-1-101", "张三", 100, "√", None, None, 300, 100, 150], "2025年!I3 150：按月份算是200.00元，对不上"),
    ],
)
def test_what_nobody_should_guess_is_refused_with_its_cell(row: list[Any], refusal: str) -> None:
    found = read(row)
    assert [said[: len(refusal)] for said in found.refusals] == [refusal]
    assert found.rows == []


def test_a_month_without_a_year_and_a_debt_without_months_are_refused() -> None:
    assert "看不出是哪一年" in read_arrears([sheet("台账", HEAD, ["1-1-101", "张三", 100, "√", "√", "√"])]).refusals[0]
    older = read(["1-1-101", "张三", 100, "√", "√", "√", 500], head=[*HEAD[:6], "往年欠费"])
    assert "没有写是哪几个月欠的" in older.refusals[0]


def test_what_until_means_is_asked_once_and_never_guessed() -> None:
    head, rows = ["房号", "月物业费", "缴至"], (["1-1-101", 100, "缴至2025.10"], ["1-1-102", 100, "2025年12月"])
    assert read(*rows, head=head).asks_until == "缴至2025.10"
    owed = [[f"{one.start:%m}" for one in row.owed] for row in read(*rows, head=head, until_included=True).rows]
    assert owed == [["11", "12"], []]
    owed = [[f"{one.start:%m}" for one in row.owed] for row in read(*rows, head=head, until_included=False).rows]
    assert owed == [["10", "11", "12"], ["12"]]


def test_ten_thousands_are_understood_and_totals_are_a_check() -> None:
    found = read(["1-1-101", "张三", 0.01, 0.01, "60元", None], title=["2025年 单位：万元"])
    assert (found.rows[0].month, found.rows[0].owes) == (10000, 14000)
    wrong = read(
        ["1-1-101", "张三", 100, "√", None, None, 300, 100, 200], ["合计", None, None, None, None, None, 300, 100, 250]
    )
    assert (wrong.checked, wrong.warnings) == (3, ["2025年!I4 写的是250.00元，上面加起来是200.00元。"])


def test_a_ledger_becomes_bills_once_and_can_be_taken_back(
    database: Database, tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    community = open_company(database, now)
    with database.transaction() as session:
        session.add_all(
            Home(community_id=community, building="1", entrance="1", room=room, created_at=now)
            for room in ("101", "102")
        )
    path = ledger_file(
        tmp_path, TITLE, HEAD, ["1-1-101", "张三", 100, "√", 60, None], ["1-1-102", "李四", 100, "√", "√", "√"]
    )
    bring = {"community_name": "", "now": now, "agreed": True}
    run_import(database, path, dry_run=True, **bring)
    run_import(database, path, dry_run=False, **bring)
    assert "1栋1单元101：2025-02、2025-03，140.00元" in capsys.readouterr().out
    run_import(database, path, dry_run=False, **bring)
    assert "已经导入过，什么也没有改" in capsys.readouterr().out
    with database.reading() as session:
        bills = session.scalars(sa.select(Bill).order_by(Bill.id)).all()
        assert [(bill.period, bill.amount, bill.due_on.isoformat()) for bill in bills] == [
            ("2025-02", 4000, "2025-02-28"),
            ("2025-03", 10000, "2025-03-31"),
        ]
        assert "已交60.00元" in bills[0].basis["words"][0]
        assert balance(session, community, "receivable") == 14000
    unknown = ledger_file(tmp_path, TITLE, HEAD, ["1-1-999", "王五", 100, None, None, None], name="2.xlsx")
    with pytest.raises(Refusal, match="1 处要先改好"):
        run_import(database, unknown, dry_run=False, **bring)
    run_undo(database, 1, now)
    with database.reading() as session:
        assert balance(session, community, "receivable") == 0
        assert list(violations(session)) == []
    run_import(database, path, dry_run=False, **bring)
    with database.transaction() as session:
        home = session.scalars(sa.select(Home).where(Home.room == "101")).one()
        take_in(session, home, Money(100, "cash", "1"), by="test", now=now)
    with pytest.raises(Refusal, match="101 已经交过"):
        run_undo(database, 2, now)


def test_the_desk_has_a_name_for_such_an_import() -> None:
    assert "期初欠费" in KINDS[KIND]
