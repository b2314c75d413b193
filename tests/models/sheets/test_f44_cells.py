"""F44: what stands in a cell is read exactly or named by its address; nothing is taken for empty because a program left it out."""

import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from models.errors import Refusal
from models.estate.ledger import read_ledger
from models.sheets.files import read_file
from models.sheets.package import Limits
from tests.support.workbooks import cells_of, workbook

TEXT = "<si><t>房号</t></si><si><r><t>张</t></r><r><t>三</t></r><rPh><t>ZHANG</t></rPh></si><si><t>a_x000D_b</t></si>"

# XML of a cell (without its place), what must come out.
ONE_CELL = {
    "formula without its result": ("<f>SUM(A1:A9)</f>", ("formula", "=SUM(A1:A9)")),
    "formula with an empty result": ("<f>B1</f><v></v>", ("formula", "=B1")),
    "formula with an empty tag": ("<f>B1</f><v/>", ("formula", "=B1")),
    "formula of a shared group": ('<f t="shared" si="0"/>', ("formula", "=")),
    "formula of an array": ('<f t="array" ref="A1:A3">A1*2</f>', ("formula", "=A1*2")),
    "formula with a number": ("<f>1+1</f><v>2</v>", ("number", Decimal(2))),
    "formula with a long number": ("<f>x</f><v>165.33449999999999</v>", ("number", Decimal("165.3345"))),
    "formula with a text": (' t="str"><f>A1</f><v>501</v>', ("text", "501")),
    "formula with an error": (' t="e"><f>1/0</f><v>#DIV/0!</v>', ("error", "#DIV/0!")),
    "formula to another file": (' t="str"><f>[1]x!A1</f><v>张三</v>', ("text", "张三")),
    "error": (' t="e"><v>#REF!</v>', ("error", "#REF!")),
    "number": ("<v>501</v>", ("number", Decimal(501))),
    "area as it is shown": ("<v>89.370000000000005</v>", ("number", Decimal("89.37"))),
    "phone as a number": ("<v>13912345678</v>", ("number", Decimal(13912345678))),
    "phone as a float": ("<v>13912345678.0</v>", ("number", Decimal("13912345678.0"))),
    "phone in scientific letters": ("<v>1.3912345678E10</v>", ("number", Decimal("13912345678.0"))),
    "phone that lost its digits, as text": (' t="inlineStr"><is><t>1.39E+10</t></is>', ("text", "1.39E+10")),
    "no number": ("<v>NaN</v>", ("error", Decimal("NaN"))),
    "endless number": ("<v>inf</v>", ("error", Decimal("Infinity"))),
    "day": (' s="1"><v>45356</v>', ("date", date(2024, 3, 5))),
    "day in Chinese": (' s="2"><v>45356</v>', ("date", date(2024, 3, 5))),
    "day of a Chinese program": (' s="4"><v>45356</v>', ("date", date(2024, 3, 5))),
    "room that became a day": (' s="1"><v>37657</v>', ("date", date(2003, 2, 5))),
    "day with a time": (' s="1"><v>45356.5</v>', ("date", datetime(2024, 3, 5, 12))),
    "first of January 1900": (' s="1"><v>1</v>', ("date", date(1900, 1, 1))),
    "day before the leap day there never was": (' s="1"><v>59</v>', ("date", date(1900, 2, 28))),
    "day after it": (' s="1"><v>61</v>', ("date", date(1900, 3, 1))),
    "time of day": (' s="1"><v>0.25</v>', ("text", "06:00:00")),
    "day far outside": (' s="1"><v>99999999</v>', ("text", "1e+08")),
    "style that only quotes a day": (' s="3"><v>45356</v>', ("number", Decimal(45356))),
    "style nobody defined": (' s="77"><v>45356</v>', ("number", Decimal(45356))),
    "day written out": (' t="d"><v>2024-03-05</v>', ("date", date(2024, 3, 5))),
    "yes or no": (' t="b"><v>1</v>', ("text", "True")),
    "shared text": (' t="s"><v>0</v>', ("text", "房号")),
    "text in pieces, its reading left out": (' t="s"><v>1</v>', ("text", "张三")),
    "line break as the format writes it": (' t="s"><v>2</v>', ("text", "a\rb")),
    "text with markup": (' t="inlineStr"><is><t>&lt;b&gt;张三&lt;/b&gt;</t></is>', ("text", "<b>张三</b>")),
    "guarded text": (' t="inlineStr"><is><t>\'=1+1</t></is>', ("text", "=1+1")),
    "empty with a style": (' s="1"/>', None),
    "empty text": (' t="inlineStr"><is><t></t></is>', None),
}


@pytest.mark.parametrize("what", ONE_CELL)
def test_f44_one_cell(tmp_path: Path, what: str) -> None:
    xml, expected = ONE_CELL[what]
    closed = xml if xml.endswith("/>") and xml.startswith(" ") else f"{xml}</c>"
    cell = f"<c r='B2'{closed if xml.startswith(' ') else '>' + closed}"
    cells = cells_of(workbook(tmp_path / "x.xlsx", f"<row r='2'>{cell}</row>", shared=TEXT))
    if expected is None:
        assert cells == {}
    else:
        kind, value = expected
        assert (cells["B2"].kind, str(cells["B2"].value)) == (kind, str(value))


def row(number: int, *texts: str, attributes: str = "") -> str:
    letters = "ABCDEFGH"
    cells = "".join(
        f"<c r='{letters[place]}{number}' t='inlineStr'><is><t>{text}</t></is></c>" if not text.startswith("<")
        else text.replace("<c", f"<c r='{letters[place]}{number}'", 1)
        for place, text in enumerate(texts)
    )  # fmt: skip
    return f"<row r='{number}' {attributes}>{cells}</row>"


HEAD = row(1, "楼栋", "房号", "面积", "业主")


@pytest.mark.parametrize(
    ("second", "refused"),
    [
        ("<c><f>B9</f></c>", ["1栋!B2 公式没有算好的结果，请直接写上内容"]),
        ("<c t='e'><v>#REF!</v></c>", ["1栋!B2 公式出错了，请直接写上内容"]),
        ("<c s='1'><v>37657</v></c>", ["1栋!B2 像是日期，可能是表格把内容改成了日期"]),
        ("<c><v>501.0</v></c>", []),
    ],
)
def test_f44_a_cell_nobody_can_read_is_refused_by_its_address(tmp_path: Path, second: str, refused: list[str]) -> None:
    data = HEAD + row(2, "3栋", second, "<c><v>80</v></c>", "张三")
    ledger = read_ledger(read_file(workbook(tmp_path / "x.xlsx", data)).sheets, "homes")
    assert [f"{refusal.where} {refusal.reason}" for refusal in ledger.refusals] == refused
    assert len(ledger.homes) == (0 if refused else 1)


def test_f44_a_building_merged_down_many_rows_is_known_in_each(tmp_path: Path) -> None:
    rows = "".join(row(number, "", f"{number}01", "<c><v>80</v></c>", "张三") for number in range(3, 41))
    data = (
        HEAD + row(2, "3栋", "201", "<c><v>80</v></c>", "张三") + rows + row(41, "", "4101", "<c><v>80</v></c>", "李四")
    )
    merged = "<mergeCells count='1'><mergeCell ref='A2:A40'/></mergeCells>"
    ledger = read_ledger(read_file(workbook(tmp_path / "x.xlsx", data, after=merged)).sheets, "homes")
    assert {home.address.building for home in ledger.homes} == {"3"}
    assert len(ledger.homes) == 39
    assert {refusal.cell for refusal in ledger.refusals} == {"B41"}  # outside the block nothing is filled down


def test_f44_hidden_rows_and_sheets_are_read_and_told(tmp_path: Path) -> None:
    data = HEAD + row(2, "3栋", "201", "", "张三") + row(20, "3栋", "202", "", "李四", attributes="hidden='1'")
    path = workbook(tmp_path / "x.xlsx", data, state="veryHidden")
    ledger = read_ledger(read_file(path).sheets, "homes")
    assert len(ledger.homes) == 2
    assert ledger.warnings == ["「1栋」是隐藏的表，也读了。", "「1栋」有隐藏的行，也读了：第 20 行。"]


@pytest.mark.parametrize("place", ["XFD1048576", "A1048576", "XFD1", "ZZ9"])
def test_f44_a_cell_far_away_is_named_and_not_waited_for(tmp_path: Path, place: str) -> None:
    number = int(place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    far = f"<row r='{number}'><c r='{place}'><v>1</v></c></row>"
    data = (HEAD if number > 1 else "") + far
    began = time.monotonic()
    with pytest.raises(Refusal, match=f"1栋!{place}"):
        cells_of(workbook(tmp_path / "x.xlsx", data))
    assert time.monotonic() - began < 1


def test_f44_cells_may_leave_out_where_they_stand(tmp_path: Path) -> None:
    data = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    assert {place: str(cell.value) for place, cell in cells_of(workbook(tmp_path / "x.xlsx", data)).items()} == {
        "A1": "1",
        "B1": "2",
        "A2": "3",
    }


@pytest.mark.parametrize(
    "data",
    [
        "<row r='5'/><row r='3'><c r='A3'><v>1</v></c></row>",
        "<row r='x'/>",
        "<row r='1'><c r='1A'><v>1</v></c></row>",
        "<row r='1'><c r='A1' t='s'><v>9</v></c></row>",
        "<row r='1'><c r='A1'><v>abc</v></c></row>",
        "<row r='1'><c r='A1' t='d'><v>2024-02-30</v></c></row>",
        "<row r='1'><c r='A1'><v>1</c></row>",
    ],
)
def test_f44_a_sheet_that_contradicts_itself_is_broken(tmp_path: Path, data: str) -> None:
    with pytest.raises(Refusal, match="打不开"):
        cells_of(workbook(tmp_path / "x.xlsx", data))


def test_f44_counting_from_1904(tmp_path: Path) -> None:
    data = "<row r='1'><c r='A1' s='1'><v>43894</v></c></row>"
    path = workbook(tmp_path / "x.xlsx", data, book="<workbookPr date1904='1'/>")
    assert cells_of(path)["A1"].value == date(2024, 3, 5)


def test_f44_as_many_rows_as_were_agreed(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", HEAD + row(11, "3栋", "201"))
    assert len(cells_of(path, Limits(rows=11))) == 6
    with pytest.raises(Refusal, match=r"1栋!B11.*最多 10 行"):
        cells_of(path, Limits(rows=10))
