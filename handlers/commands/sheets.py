"""Ledger files as sheets of cells: .xlsx and .csv, and one clear sentence for everything that cannot be read.

A file comes from outside and may be broken or hostile, so its directory is looked at before anything is unpacked.
"""

import csv
import hashlib
import io
import re
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import Refusal
from models.estate.ledger_dates import SERIALS_OF_1900, SERIALS_OF_1904
from models.estate.ledger_sheet import Cell, Merge, Sheet, column_letters

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

# openpyxl is loaded where a workbook is read: no other command should wait for it.

MEGABYTE = 1 << 20
MAX_FILE = 50 * MEGABYTE
MAX_UNPACKED = 200 * MEGABYTE
MAX_CELLS_UNPACKED = 64 * MEGABYTE  # of the sheets alone: a hundred thousand rows of ten columns stay below it
MAX_RATIO = 200
MAX_SHEETS = 200

MAX_BLOCK_CELLS = 500_000
_BLOCK = re.compile(
    rb"""<(?:\w+:)?(?:mergeCell|hyperlink)\b[^>]*?\sref=["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})["']"""
)

_BROKEN = "这个文件打不开，可能没有保存完整。请在表格软件里重新另存为 .xlsx 再试。"
_OLD_FORMAT = "这是旧格式的表格。请在表格软件里选「另存为」，类型选「.xlsx」，再导入。"
_LOCKED = "这个文件设了密码。请去掉密码，另存为 .xlsx 再导入。"
_TOO_BIG = "这个文件太大了。请删掉图片和空白的表，或按楼栋分成几个文件。"


@dataclass(frozen=True)
class LedgerFile:
    """A file that was read: its sheets, and the sha256 of its bytes by which the same file is known again."""

    name: str
    sha256: str
    sheets: tuple[Sheet, ...]


def read_file(path: Path) -> LedgerFile:
    """Raises Refusal with one sentence that says what to do instead."""
    if not path.is_file():
        raise Refusal(f"找不到文件「{path.name}」。")
    if path.stat().st_size > MAX_FILE:
        raise Refusal(_TOO_BIG)
    try:
        content = path.read_bytes()
    except OSError as closed:
        raise Refusal(f"打不开文件「{path.name}」，请看看有没有权限。") from closed
    if not content.strip():
        raise Refusal("这个文件是空的。")
    return LedgerFile(path.name, hashlib.sha256(content).hexdigest(), tuple(_sheets(path, content)))


def _sheets(path: Path, content: bytes) -> list[Sheet]:
    """By what the file is, not by what it is called: an .xlsx that is really an .xls is an .xls."""
    if content.startswith(b"PK"):
        _check_directory(content)
        return _read_workbook(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal(_LOCKED if "EncryptedPackage".encode("utf-16-le") in content else _OLD_FORMAT)
    if path.suffix.lower() in (".csv", ".txt"):
        return [_read_csv(path.stem, content)]
    raise Refusal(
        _BROKEN if path.suffix.lower() == ".xlsx" else "只能读 .xlsx 和 .csv。请在表格软件里另存为 .xlsx 再导入。"
    )


# ------------------------------------------------------------------------------------------------------------------- workbooks


def _check_directory(content: bytes) -> None:
    """Refuse bombs, passwords and foreign archives by the archive's directory alone."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as broken:
        raise Refusal(_BROKEN) from broken
    names = [entry.filename.lower() for entry in entries]
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refusal(_LOCKED)
    if "xl/workbook.xml" not in names:
        raise Refusal("这不是 .xlsx 表格。请在表格软件里另存为 .xlsx 再导入。")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Refusal("这个表格带有宏。请另存为不带宏的 .xlsx 再导入。")
    if any(name.endswith((".zip", ".xlsx", ".xlsm", ".rar", ".7z", ".gz")) for name in names):
        raise Refusal("这个表格里还嵌着别的压缩文件。请只复制数据到一个新表格，再导入。")
    if len([name for name in names if name.startswith("xl/worksheets/") and name.endswith(".xml")]) > MAX_SHEETS:
        raise Refusal(f"这个文件里的表超过 {MAX_SHEETS} 张。请按楼栋分成几个文件。")
    _check_sizes(entries)
    _check_blocks(content)


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    cells = sum(entry.file_size for entry in entries if entry.filename.lower().startswith("xl/worksheets/"))
    bombs = [
        entry for entry in entries if entry.file_size > MEGABYTE and entry.file_size > entry.compress_size * MAX_RATIO
    ]
    if unpacked > MAX_UNPACKED or cells > MAX_CELLS_UNPACKED or bombs:
        raise Refusal(_TOO_BIG)


def _check_blocks(content: bytes) -> None:
    """Refuse blocks of merged or linked cells over a whole sheet: the library builds every cell of a block."""
    cells = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            if entry.filename.lower().startswith("xl/worksheets/") and entry.filename.lower().endswith(".xml"):
                cells += sum(_cells_in(block) for block in _BLOCK.finditer(_unpacked(archive, entry)))
    if cells > MAX_BLOCK_CELLS:
        raise Refusal("表格里有合并了几十万格的大块。请取消这些合并，再导入。")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as broken:
        raise Refusal(_BROKEN) from broken


def _cells_in(block: re.Match[bytes]) -> int:
    left, top, right, bottom = (part.decode() for part in block.groups())
    from openpyxl.utils import column_index_from_string  # noqa: PLC0415

    columns = column_index_from_string(right) - column_index_from_string(left) + 1
    return columns * (int(bottom) - int(top) + 1)


def _read_workbook(content: bytes) -> list[Sheet]:
    try:
        book = _load(content, results=False)
        formulas = any(cell.data_type == "f" for sheet in book.worksheets for cell in _real_cells(sheet).values())
        # Loading twice is what it takes to tell a formula without its result from an empty cell.
        results = _load(content, results=True) if formulas else book
        return [_sheet(sheet, results[sheet.title], book.epoch) for sheet in book.worksheets]
    except (
        Exception
    ) as broken:  # whatever a broken or hostile file makes the library raise, the clerk hears one sentence
        raise Refusal(_BROKEN) from broken


def _load(content: bytes, *, results: bool) -> Any:
    import openpyxl  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about drawings and extensions it leaves out: we only want cells
        try:
            return openpyxl.load_workbook(io.BytesIO(content), data_only=results)
        except Exception as broken:  # a broken or hostile file can make the library raise anything
            raise Refusal(_BROKEN) from broken


def _real_cells(sheet: "Worksheet") -> dict[tuple[int, int], Any]:
    """The cells that are in the file. `iter_rows` would build every row up to one styled cell at row 1,048,576."""
    cells: dict[tuple[int, int], Any] = sheet._cells
    return cells


def _sheet(sheet: "Worksheet", results: "Worksheet", epoch: datetime) -> Sheet:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904  # noqa: PLC0415

    rows: dict[int, dict[int, Cell]] = {}
    results_of = _real_cells(results)
    for (row, column), cell in _real_cells(sheet).items():
        if cell.value is not None:
            result = results_of.get((row, column))
            rows.setdefault(row, {})[column] = _cell(cell, result if cell.data_type == "f" else cell)
    return Sheet(
        name=sheet.title,
        rows=rows,
        merges=tuple(Merge(merge.min_row, merge.min_col, merge.max_row, merge.max_col) for merge in sheet.merged_cells),
        hidden=sheet.sheet_state != "visible",
        hidden_rows=frozenset(row for row, shape in sheet.row_dimensions.items() if shape.hidden),
        day_zero=SERIALS_OF_1904 if epoch == CALENDAR_MAC_1904 else SERIALS_OF_1900,
    )


def _cell(written: Any, result: Any) -> Cell:
    """`result` is the cell that holds the value: the cell itself, or for a formula what the last calculation left."""
    address, value = written.coordinate, getattr(result, "value", None)
    if value is None or (written.data_type == "f" and getattr(result, "data_type", "f") == "f"):
        return Cell(address, str(written.value), "formula")
    if result.data_type == "e":
        return Cell(address, str(value), "error")
    if isinstance(value, datetime):
        value = value.date() if value.time() == datetime.min.time() else value
    if isinstance(value, date):
        return Cell(address, value, "date")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Cell(address, Decimal(repr(value)), "number")
    return Cell(address, _unguarded(str(value)), "text")


# ------------------------------------------------------------------------------------------------------------------------- csv


def _read_csv(name: str, content: bytes) -> Sheet:
    text = _decoded(content)
    first_lines = text[:4096]
    delimiter = max(",\t;", key=first_lines.count)
    rows: dict[int, dict[int, Cell]] = {}
    try:
        for row, values in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            cells = {
                column: Cell(f"{column_letters(column)}{row}", _unguarded(value), "text")
                for column, value in enumerate(values, start=1)
                if value.strip()
            }
            if cells:
                rows[row] = cells
    except csv.Error as broken:
        raise Refusal(_BROKEN) from broken
    return Sheet(name, rows)


def _decoded(content: bytes) -> str:
    """UTF-8 and UTF-16 by their marks, else UTF-8, else GB18030; a text that comes out with control characters is none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content:
        encodings = ["utf-16-le", "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000-\uf8ff\ufffd]", text):
            return text
    raise Refusal("看不懂这个文件的文字编码。请在表格软件里另存为 .xlsx 再导入。")


def _unguarded(text: str) -> str:
    """Without the apostrophe that our own exports put before what a spreadsheet would take for a formula."""
    return text[1:] if re.match(r"'[=+\-@\d]", text) else text
