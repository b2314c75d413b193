"""`export`: whole, masked, safe to open in a spreadsheet, and of one compound when asked."""

import csv
import io
import json
import re
import tracemalloc
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from bot.config import Settings
from handlers.commands.export_kinds import EXPORTS
from handlers.spreadsheets import spreadsheet_safe
from models.audit.tables import AuditEntry
from models.db import Database
from models.messaging.tables import Outbox
from models.workorders.tables import WorkOrder
from tests.handlers.commands.conftest import Run, app_on, runner_of


def lines(run: Run, *arguments: str) -> list[dict[str, Any]]:
    result = run("export", *arguments)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_homes_come_as_one_json_object_a_line(run_on_demo: Run) -> None:
    homes = lines(run_on_demo, "homes")
    assert len(homes) == 1200
    found = [home for home in homes if (home["community"], home["building"], home["room"]) == ("望江苑", "1", "101")]
    assert [home["entrance"] for home in found] == ["1", "2", "3", "4"]
    assert re.fullmatch(r"\d\d\.\d\d", found[0]["area_m2"])


def test_one_compound_alone(run_on_demo: Run) -> None:
    assert {row["community"] for row in lines(run_on_demo, "work-orders", "--community", "望江苑")} == {"望江苑"}
    assert len(lines(run_on_demo, "homes", "--community", "锦绣花园")) == 288


def test_an_unknown_compound_is_refused_by_name(run_on_demo: Run) -> None:
    result = run_on_demo("export", "homes", "--community", "不存在")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: there is no compound called 不存在\n"


def test_what_belongs_to_no_compound_cannot_be_asked_for_by_compound(run_on_demo: Run) -> None:
    assert run_on_demo("export", "audit", "--community", "望江苑").exit_code == 1


@pytest.mark.parametrize("kind", sorted(EXPORTS))
def test_nobody_can_be_called_or_found_by_what_leaves(run_on_demo: Run, kind: str) -> None:
    text = run_on_demo("export", kind).stdout
    # Eleven figures inside a digest are no telephone number.
    assert not re.search(r"(?<![0-9a-z])1[3-9]\d{9}(?![0-9a-z])", text)
    assert "demo-zhang" not in text


def test_a_phone_in_somebodys_own_words_is_masked_too(run_on_copy: Run, demo_copy: Database, now: datetime) -> None:
    with demo_copy.transaction() as session:
        session.execute(sa.update(WorkOrder).where(WorkOrder.id == 1).values(problem="打我电话13912345678"))
        session.add(
            Outbox(
                account="gh", openid="demo-zhang", kind="order_done", data={"phone": "13912345678"}, dedupe_key="x",
                due_at=now, created_at=now, outcome="45015 for demo-zhang",
            )
        )  # fmt: skip
    assert lines(run_on_copy, "work-orders")[0]["problem"] == "打我电话139****5678"
    (message,) = lines(run_on_copy, "outbox")
    assert message["who"].startswith("wechat:")
    assert message["outcome"] == "45015 for [openid]"
    assert "13912345678" not in json.dumps(message)


@pytest.mark.parametrize("beginning", [*list("=+-@＝＋－＠"), "\t", "\r", "\n"])
def test_what_looks_like_a_formula_is_only_text(beginning: str) -> None:
    assert spreadsheet_safe(f"{beginning}cmd|'/c calc'!A1") == f"'{beginning}cmd|'/c calc'!A1"


def test_a_hidden_zero_byte_does_not_hide_a_formula() -> None:
    assert spreadsheet_safe("\0=1+1") == "'=1+1"


@pytest.mark.parametrize("harmless", ["厨房水管漏水", "3-2-501", "'quoted", "", -5, None])
def test_everything_else_stays_as_it_is(harmless: object) -> None:
    assert spreadsheet_safe(harmless) == harmless


@pytest.fixture
def run_with_a_formula(run_on_copy: Run, demo_copy: Database) -> Run:
    with demo_copy.transaction() as session:
        session.execute(
            sa.update(WorkOrder).where(WorkOrder.id == 1).values(problem='=HYPERLINK("http://evil")', rating=5)
        )
    return run_on_copy


def test_csv_opens_in_excel_with_nothing_running(run_with_a_formula: Run, tmp_path: Path) -> None:
    target = tmp_path / "orders.csv"
    assert run_with_a_formula("export", "work-orders", "--format", "csv", "--output", str(target)).exit_code == 0
    content = target.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 900
    assert rows[0]["problem"] == '\'=HYPERLINK("http://evil")'
    assert target.stat().st_mode & 0o077 == 0


def test_xlsx_keeps_numbers_numbers_and_text_text(run_with_a_formula: Run, tmp_path: Path) -> None:
    target = tmp_path / "orders.xlsx"
    assert run_with_a_formula("export", "work-orders", "--format", "xlsx", "--output", str(target)).exit_code == 0
    sheet = openpyxl.load_workbook(target).active
    head, first = ([cell for cell in row] for row in sheet.iter_rows(max_row=2))
    cells = {name.value: cell for name, cell in zip(head, first, strict=True)}
    assert cells["problem"].data_type == "s"
    assert cells["problem"].value == '\'=HYPERLINK("http://evil")'
    assert cells["rating"].value == 5
    assert cells["rating"].data_type == "n"


def test_xlsx_cannot_go_to_stdout(run_on_demo: Run) -> None:
    result = run_on_demo("export", "homes", "--format", "xlsx")
    assert (result.exit_code, result.stderr) == (1, "Error: xlsx needs --output FILE\n")


def test_a_place_that_cannot_be_written_is_one_clear_line_and_leaves_nothing(run_on_demo: Run, tmp_path: Path) -> None:
    result = run_on_demo("export", "homes", "--output", str(tmp_path / "nowhere" / "homes.jsonl"))
    assert result.exit_code == 1
    assert "cannot be written: No such file or directory" in result.stderr
    assert list(tmp_path.glob("**/*.part")) == []


def test_a_failed_export_keeps_the_file_of_yesterday(run_on_demo: Run, tmp_path: Path) -> None:
    target = tmp_path / "homes.jsonl"
    target.write_text("yesterday")
    assert run_on_demo("export", "homes", "--community", "不存在", "--output", str(target)).exit_code == 1
    assert target.read_text() == "yesterday"


def test_a_long_table_is_not_held_in_memory(
    sqlite_template: Path, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    (tmp_path / "long.db").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{tmp_path / 'long.db'}")
    run = runner_of(app_on(database, settings, now))
    many = [
        {
            "account": "gh", "openid": f"o{number}", "kind": "order_done", "data": {}, "dedupe_key": str(number),
            "due_at": now, "created_at": now, "outcome": "x" * 250,
        }
        for number in range(8_000)
    ]  # fmt: skip
    with database.transaction() as session:
        session.execute(sa.insert(Outbox.__table__), many)  # type: ignore[arg-type]
    run("export", "audit", "--output", str(tmp_path / "warm.jsonl"))
    tracemalloc.start()
    assert run("export", "outbox", "--output", str(tmp_path / "out.jsonl")).exit_code == 0
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    database.close()
    assert (tmp_path / "out.jsonl").stat().st_size > 3_000_000
    assert peak < 3_000_000


def test_whole_phones_need_a_file_and_a_reason_and_are_written_down(
    run_on_copy: Run, demo_copy: Database, tmp_path: Path
) -> None:
    run = run_on_copy
    target = tmp_path / "residents.csv"
    for words in ((), ("--output", str(target)), ("--reason", "对账")):
        refused = run("export", "residents", "--format", "csv", "--full", *words)
        assert (refused.exit_code, "--full needs" in refused.stderr, target.exists()) == (1, True, False)
    assert run("export", "homes", "--full", "--output", str(target), "--reason", "对账").exit_code == 1
    reason = "派出所来函，联系人13912345678"
    assert (
        run("export", "residents", "--format", "csv", "--full", "--output", str(target), "--reason", reason).exit_code
        == 0
    )
    assert len(re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", target.read_text(encoding="utf-8-sig"))) > 1000
    with demo_copy.reading() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "export.full")).one()
    assert entry.details == {"reason": "派出所来函，联系人139****5678", "community": ""}


def test_figures_of_a_quarter_have_what_each_share_is_of(run_on_demo: Run, tmp_path: Path) -> None:
    rows = lines(run_on_demo, "worker-figures", "--quarter", "2025Q4")
    assert len(rows) > 5
    for row in rows:
        assert row["quarter"] == "2025Q4"
        for share in ("finished", "finish", "fixed_at_once", "good", "rated"):
            part, whole, percent = (row[f"{share}_{name}"] for name in ("part", "whole", "percent"))
            assert 0 <= part <= whole
            assert (percent is None) == (whole == 0)
            assert whole == 0 or re.fullmatch(r"\d{1,3}\.\d\d", percent)
    assert [float(row["load"]) for row in rows] == sorted((float(row["load"]) for row in rows), reverse=True)
    path = tmp_path / "figures.xlsx"
    assert run_on_demo("export", "worker-figures", "--format", "xlsx", "--output", str(path)).exit_code == 0
    sheet = openpyxl.load_workbook(path).active
    assert [cell.value for cell in sheet[1]][:4] == ["company", "quarter", "worker", "finished_part"]


def test_a_quarter_that_is_none_and_what_has_no_quarters_are_refused(run_on_demo: Run) -> None:
    for said in ("2025Q5", "spring"):
        result = run_on_demo("export", "worker-figures", "--quarter", said)
        assert (result.exit_code, result.stderr) == (1, f"Error: {said} is no quarter: write it like 2026Q1\n")
    assert run_on_demo("export", "homes", "--quarter", "2026Q1").exit_code == 1
    assert run_on_demo("export", "worker-figures", "--community", "不存在").exit_code == 1


def test_the_bills_of_a_compound_and_what_came_in_for_them_tie_with_its_ledger(run_on_demo: Run) -> None:
    """Whoever recomputes the money from the three files alone gets the same sums."""
    compound = ("--community", "锦绣花园")
    bills, payments, ledger = (lines(run_on_demo, kind, *compound) for kind in ("bills", "payments", "ledger"))
    yuan = lambda rows, column: sum(Decimal(row[column]) for row in rows)  # noqa: E731
    of = lambda account: [row for row in ledger if row["account"] == account]  # noqa: E731
    assert yuan(ledger, "debit_yuan") == yuan(ledger, "credit_yuan") > 0
    assert yuan(bills, "open_yuan") == yuan(of("receivable"), "debit_yuan") - yuan(of("receivable"), "credit_yuan")
    taken = {row["channel"] for row in payments}
    assert yuan(payments, "amount_yuan") == sum(yuan(of(channel), "debit_yuan") for channel in taken)
    zhang = [row for row in bills if row["home"] == "3-2-501" and row["open_yuan"] != "0.00"]
    assert {row["open_yuan"] for row in zhang if row["item"] == "物业费"} == {"165.33"}
    assert all(len(row["payer"]) < 2 or row["payer"][1:] == "*" * len(row["payer"][1:]) for row in payments)
