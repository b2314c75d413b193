"""Files are read by what they are; hostile and foreign ones are refused in one sentence before anything is unpacked."""

import time
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from models.errors import Refusal
from models.sheets.files import SheetFile, read_file
from models.sheets.grid import Merge, Row, Sheet
from models.sheets.package import Limits
from tests.support.ledgers import CLEAN, COMMON, SAMPLES


def saved(book: openpyxl.Workbook, folder: Path, name: str = "台账.xlsx") -> Path:
    path = folder / name
    book.save(path)
    return path


def with_entry(folder: Path, name: str, content: bytes) -> Path:
    """The clean ledger with one more file packed into it."""
    path = folder / "台账.xlsx"
    path.write_bytes(CLEAN.read_bytes())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def opened(path: Path, limits: Limits | None = None) -> list[tuple[Sheet, dict[int, Row]]]:
    """Every sheet with all of its rows."""
    return [
        (sheet, {number: sheet.rows[number] for number in sheet.down()}) for sheet in read_file(path, limits).sheets
    ]


def refusal_of(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(Refusal) as refused:
        opened(path, limits)
    return refused.value.message


def first_sheet(path: Path) -> dict[str, object]:
    """Every cell of the first sheet by its address."""
    return {cell.address: cell.value for row in opened(path)[0][1].values() for cell in row.values()}


# ------------------------------------------------------------------------------------------------------------------- workbooks


def test_a_workbook_gives_its_cells_with_their_kinds(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for address, value in {
        "A1": "房号", "B1": 501, "C1": 89.37, "D1": datetime(2012, 3, 8), "E1": "=B1*2", "F1": "'=1+1", "G1": True,
    }.items():  # fmt: skip
        page[address] = value
    page["H1"].value, page["H1"].data_type = "#REF!", "e"
    page.merge_cells("A2:C9")
    page.row_dimensions[5].hidden = True
    ((sheet, rows),) = opened(saved(book, tmp_path))
    assert [(cell.value, cell.kind) for cell in rows[1].values()] == [
        ("房号", "text"),
        (Decimal(501), "number"),
        (Decimal("89.37"), "number"),
        (date(2012, 3, 8), "date"),
        ("=B1*2", "formula"),
        ("=1+1", "text"),
        ("True", "text"),
        ("#REF!", "error"),
    ]
    assert (sheet.merges, sheet.hidden_rows) == ((Merge(2, 1, 9, 3),), {5})


def test_a_formula_with_its_result_is_its_result(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    source = saved(book, tmp_path)
    path = tmp_path / "算好的.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            new.writestr(
                entry.filename, old.read(entry).replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
            )
    assert first_sheet(path) == {"A1": Decimal(2)}


def test_a_workbook_counting_from_1904_says_so(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["A1"] = 1
    assert opened(saved(book, tmp_path))[0][0].day_zero == date(1904, 1, 1)


def test_hidden_sheets_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("藏").sheet_state = "hidden"
    assert [sheet.hidden for sheet in read_file(saved(book, tmp_path)).sheets] == [False, True]


def test_a_styled_cell_in_the_last_row_costs_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "房号"
    book.active["XFD1048576"].font = Font(bold=True)
    path = saved(book, tmp_path)
    began = time.monotonic()
    assert list(opened(path)[0][1]) == [1]
    assert time.monotonic() - began < 1


def test_the_same_bytes_have_the_same_name_and_others_have_not() -> None:
    def digest(file: SheetFile) -> str:
        return file.sha256

    assert digest(read_file(CLEAN)) == digest(read_file(CLEAN)) != digest(read_file(COMMON))


# ------------------------------------------------------------------------------------------------------------------- refusals


def test_a_bomb_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    assert "太大" in refusal_of(with_entry(tmp_path, "xl/media/bomb.xml", b"0" * 40_000_000))


def test_what_would_unpack_too_big_is_refused() -> None:
    assert "太大" in refusal_of(CLEAN, Limits(unpacked_bytes=10_000))


def test_a_file_too_big_is_not_even_opened() -> None:
    assert "太大" in refusal_of(CLEAN, Limits(file_bytes=1000))


def test_a_block_merged_over_the_whole_sheet_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    with zipfile.ZipFile(CLEAN) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry).replace(b'ref="A1:I1"', b'ref="A1:XFD1048576"'))
    began = time.monotonic()
    assert Merge(1, 1, 1_048_576, 16_384) in opened(path)[0][0].merges
    assert time.monotonic() - began < 1


def test_ten_thousand_sheets_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(CLEAN.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(250):
            archive.writestr(f"xl/worksheets/sheet{number + 100}.xml", b"<worksheet/>")
    assert "200 张" in refusal_of(path)


@pytest.mark.parametrize(
    "entry", ["xl/embeddings/inner.xlsx", "data.zip", "xl/media/PICTURE.ZIP", "a.rar", "b.7z", "c.tar", "d.gz"]
)
def test_archives_in_archives_are_refused(tmp_path: Path, entry: str) -> None:
    assert "嵌着" in refusal_of(with_entry(tmp_path, entry, b"x"))


@pytest.mark.parametrize("entry", ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/connections.xml"])
def test_macros_and_links_to_elsewhere_are_neither_run_nor_followed_nor_in_the_way(tmp_path: Path, entry: str) -> None:
    assert first_sheet(with_entry(tmp_path, entry, b"x")) == first_sheet(CLEAN)


def test_a_locked_archive_is_refused(tmp_path: Path) -> None:
    content = bytearray(CLEAN.read_bytes())
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1  # the flag that says: encrypted
    path = tmp_path / "台账.xlsx"
    path.write_bytes(content)
    assert "密码" in refusal_of(path)


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("台账.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "另存为"),
        ("台账.et", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "另存为"),
        ("台账.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("台账.xlsx", b"PK\x03\x04 broken", "打不开"),
        ("台账.xlsx", b"hello", "打不开"),
        ("台账.pdf", b"%PDF-1.7", "只能读"),
        ("台账.csv", b"", "空的"),
        ("台账.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "编码"),
        ("台账.csv", b"\xff\xff\xff\x81", "编码"),
        ("台账.csv", "房号,业主\n".encode() + "501,张三".encode("gb18030") + b"\xff", "编码"),
        ("台账.csv", b'"' + b"x" * 200_000, "打不开"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert word in refusal_of(path)


def test_another_zip_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "x")
    assert "不是 .xlsx" in refusal_of(path)


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    with zipfile.ZipFile(CLEAN) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry)[: 200 if "sheet2" in entry.filename else None])
    assert "打不开" in refusal_of(path)


def test_entities_that_explode_are_refused(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    path = tmp_path / "台账.xlsx"
    with zipfile.ZipFile(CLEAN) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, bomb if entry.filename == "xl/workbook.xml" else old.read(entry))
    assert "打不开" in refusal_of(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "没有.xlsx" in refusal_of(tmp_path / "没有.xlsx")


# ------------------------------------------------------------------------------------------------------------------------ csv


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "1栋.csv"
    path.write_bytes(f"房号{delimiter}业主姓名\r\n501{delimiter}张三\r\n\r\n502{delimiter}\r\n".encode(encoding))
    assert first_sheet(path) == {"A1": "房号", "B1": "业主姓名", "A2": "501", "B2": "张三", "A4": "502"}


def test_the_sample_in_gbk_is_read() -> None:
    cells = first_sheet(SAMPLES / "抄表-gbk.csv")
    assert (cells["A5"], cells["E4"]) == ("1栋1单元202室", "倒转")


def test_what_our_exports_guard_is_read_back_without_the_guard(tmp_path: Path) -> None:
    path = tmp_path / "1栋.csv"
    path.write_text("'=1+1,'13900001111,O'Neil,'张三", encoding="utf-8")
    assert list(first_sheet(path).values()) == ["=1+1", "13900001111", "O'Neil", "'张三"]


def test_a_quoted_line_break_stays_in_its_cell(tmp_path: Path) -> None:
    path = tmp_path / "1栋.csv"
    path.write_text('房号,"建筑面积\n(㎡)"\n501,89.37\n', encoding="utf-8")
    assert first_sheet(path)["B1"] == "建筑面积\n(㎡)"
