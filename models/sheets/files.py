"""Files as sheets of cells: .xlsx and .csv, and one clear sentence for everything that cannot be read.

A file comes from outside and may be broken or hostile, so its directory is looked at before anything is unpacked, and it is read
row by row: a hundred thousand rows cost the memory of one.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import Refusal
from models.sheets.csv_text import read_csv
from models.sheets.grid import Sheet
from models.sheets.package import BROKEN, LOCKED, MEGABYTE, TOO_BIG, Limits, check_directory
from models.sheets.progress import Progress
from models.sheets.workbook import read_workbook

_OLD_FORMAT = "这是旧格式的表格。请在表格软件里选「另存为」，类型选「.xlsx」，再导入。"
_OLE = b"\xd0\xcf\x11\xe0"
_LOCKED_WITHIN_OLE = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class SheetFile:
    """A file that can be read, and the sha256 of its bytes by which the same file is known again.

    `sheets` gives one sheet after the other, each to be read before the next, and may be walked once.
    """

    name: str
    sha256: str
    sheets: Iterable[Sheet]
    progress: Progress = field(default_factory=Progress)


def read_file(path: Path, limits: Limits | None = None, *, name: str = "") -> SheetFile:
    """`name` is what the file was called by whoever sent it. Raises Refusal with one sentence that says what to do instead;
    so does walking through its sheets.
    """
    limits = limits or Limits()
    name = name or path.name
    _check_file(path, name, limits)
    progress = Progress()
    beginning, sha256 = _look_through(path)
    return SheetFile(name, sha256, _sheets(path, name, beginning, limits, progress), progress)


def _check_file(path: Path, name: str, limits: Limits) -> None:
    if not path.is_file():
        raise Refusal(f"找不到文件「{name}」。")
    if path.stat().st_size > limits.file_bytes:
        raise Refusal(TOO_BIG)


def _look_through(path: Path) -> tuple[bytes, str]:
    """The first bytes and the sha256 of all of them. Raises Refusal when there is nothing, or nothing may be read."""
    sha256 = hashlib.sha256()
    beginning, empty = b"", True
    try:
        with path.open("rb") as file:
            while part := file.read(MEGABYTE):
                beginning = beginning or part[:8]
                empty = empty and not part.strip()
                sha256.update(part)
    except OSError as closed:
        raise Refusal(f"打不开文件「{path.name}」，请看看有没有权限。") from closed
    if empty:
        raise Refusal("这个文件是空的。")
    return beginning, sha256.hexdigest()


def _sheets(path: Path, name: str, beginning: bytes, limits: Limits, progress: Progress) -> Iterable[Sheet]:
    """By what the file is, not by what it is called: an .xlsx that is really an .xls is an .xls."""
    ending = Path(name).suffix.lower()
    if beginning.startswith(b"PK"):
        check_directory(path, limits)
        return read_workbook(path, limits, progress)
    if beginning.startswith(_OLE):
        raise Refusal(LOCKED if _holds(path, _LOCKED_WITHIN_OLE) else _OLD_FORMAT)
    if ending in (".csv", ".txt"):
        return [read_csv(path, limits, progress, name=Path(name).stem)]
    raise Refusal(BROKEN if ending == ".xlsx" else "只能读 .xlsx 和 .csv。请在表格软件里另存为 .xlsx 再导入。")


def _holds(path: Path, words: bytes) -> bool:
    return any(words in window for window in _windows(path, len(words)))


def _windows(path: Path, overlap: int) -> Iterator[bytes]:
    kept = b""
    with path.open("rb") as file:
        while part := file.read(MEGABYTE):
            yield kept + part
            kept = part[-overlap:]
