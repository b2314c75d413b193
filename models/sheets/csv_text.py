"""A .csv as a sheet: which encoding, which delimiter, row by row."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from models.errors import Refusal
from models.sheets.formula_guard import freed
from models.sheets.grid import HEAD, Cell, Row, Sheet, column_letters
from models.sheets.package import BROKEN, MEGABYTE, Limits
from models.sheets.progress import Progress

_UNREADABLE = "看不懂这个文件的文字编码。请在表格软件里另存为 .xlsx 再导入。"
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000-\uf8ff\ufffd]")
_CHINESE = re.compile(r"[㐀-鿿]")
_DELIMITERS = ",\t;|，"


def read_csv(path: Path, limits: Limits, progress: Progress, *, name: str) -> Sheet:
    """Raises Refusal when no encoding fits all of it."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        beginning = file.read(4096)
    delimiter = max(_DELIMITERS, key=beginning.count)
    progress.expects(path.stat().st_size)
    rows = _rows(path, name, encoding, delimiter, limits, progress)
    head: dict[int, Row] = {}
    rest = []
    for number, cells in rows:
        if number > HEAD:
            rest.append((number, cells))
            break
        head[number] = cells
    return Sheet(name, head, more=_joined(rest, rows))


def _joined(first: list[tuple[int, Row]], rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    yield from first
    yield from rows


def _rows(
    path: Path, name: str, encoding: str, delimiter: str, limits: Limits, progress: Progress
) -> Iterator[tuple[int, Row]]:
    letters: list[str] = []
    try:
        with path.open("rb") as raw, io.TextIOWrapper(raw, encoding, newline="") as text:
            for number, values in enumerate(csv.reader(text, delimiter=delimiter), start=1):
                while len(letters) < len(values):
                    letters.append(column_letters(len(letters) + 1))
                cells = {
                    column: Cell(f"{letters[column - 1]}{number}", freed(value), "text")
                    for column, value in enumerate(values, start=1)
                    if value and not value.isspace()
                }
                if cells:
                    limits.check_cell(name, number, max(cells))
                    yield number, cells
                if number % 1024 == 0:
                    progress.at(raw.tell())
    except csv.Error as broken:
        raise Refusal(BROKEN) from broken


def _encoding(path: Path) -> str:
    """UTF-8 and UTF-16 by their marks, else UTF-8, else GB18030; a text that comes out with control characters is none."""
    with path.open("rb") as file:
        beginning = file.read(MEGABYTE)
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in beginning:
        encodings = ["utf-16-le", "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        if _fits(path, encoding):
            if encoding == "gb18030":
                _refuse_mixed(path)
            return encoding
    raise Refusal(_UNREADABLE)


def _fits(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while part := file.read(MEGABYTE):
                if _NO_TEXT.search(decoder.decode(part)):
                    return False
            return not _NO_TEXT.search(decoder.decode(b"", final=True))
    except UnicodeError:
        return False


def _refuse_mixed(path: Path) -> None:
    """Lines pasted from a file in UTF-8 would come out of GB18030 as other, quite ordinary Chinese letters."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.isascii():
                continue
            try:
                mixed = bool(_CHINESE.search(line.decode("utf-8")))
            except UnicodeDecodeError:
                continue
            if mixed:
                raise Refusal(f"第 {number} 行的文字编码和别的行不一样。请在表格软件里打开核对，另存为 .xlsx 再导入。")
