"""The outside of a workbook: a zip archive whose directory is looked at before anything is unpacked."""

import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import Refusal
from models.sheets.grid import column_letters

MEGABYTE = 1 << 20

BROKEN = "这个文件打不开，可能没有保存完整。请在表格软件里重新另存为 .xlsx 再试。"
LOCKED = "这个文件设了密码。请去掉密码，另存为 .xlsx 再导入。"
TOO_BIG = "这个文件太大了。请删掉图片和空白的表，或按楼栋分成几个文件。"
_NESTED = "这个表格里还嵌着别的压缩文件。请只复制数据到一个新表格，再导入。"

_END = struct.Struct("<4s4H2LH")
_LONGEST_COMMENT = 65_535
_BYTES_AN_ENTRY = 256  # of the directory; longer names are nobody's
_PACKED = (".zip", ".xlsx", ".xlsm", ".xlsb", ".rar", ".7z", ".gz", ".bz2", ".xz", ".tar")


@dataclass(frozen=True)
class Limits:
    """How much of a file from outside is taken on. The defaults hold a hundred thousand rows of a dozen columns."""

    file_bytes: int = 50 * MEGABYTE
    unpacked_bytes: int = 200 * MEGABYTE  # all of it, as the directory says
    ratio: int = 200  # unpacked bytes for one packed byte, of entries over a megabyte
    entries: int = 2_000
    sheets: int = 200
    rows: int = 200_000  # of one sheet; also how far down a cell may stand
    columns: int = 500

    @classmethod
    def of(cls, settings: Any) -> "Limits":
        """The limits an installation has set (bot/config.py)."""
        return cls(
            file_bytes=settings.import_max_mb * MEGABYTE,
            unpacked_bytes=settings.import_max_unpacked_mb * MEGABYTE,
            ratio=settings.import_max_ratio,
            entries=settings.import_max_entries,
            rows=settings.import_max_rows,
        )

    def check_cell(self, sheet: str, row: int, column: int) -> None:
        """A cell that holds something may not stand far away from everything else. Raises Refusal that names it."""
        if row > self.rows or column > self.columns:
            raise Refusal(
                f"「{sheet}!{column_letters(column)}{row}」离表格太远了（最多 {self.rows} 行、{self.columns} 列）。"
                "请删掉那里的内容，或分成几个文件。"
            )


def check_directory(path: Path, limits: Limits) -> None:
    """Refuse bombs, passwords and foreign archives by the archive's directory alone. Raises Refusal.

    Links to other files and macros are left where they are: nothing here follows or runs them.
    """
    _check_end(path, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error) as broken:
        raise Refusal(BROKEN) from broken
    names = [entry.filename.lower() for entry in entries]
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refusal(LOCKED)
    if "xl/workbook.xml" not in names:
        raise Refusal("这不是 .xlsx 表格。请在表格软件里另存为 .xlsx 再导入。")
    if len(set(names)) != len(names):
        raise Refusal(BROKEN)  # two entries of one name: which of them is meant?
    if any(name.endswith(_PACKED) for name in names):
        raise Refusal(_NESTED)
    if sum(name.startswith("xl/worksheets/") and name.endswith(".xml") for name in names) > limits.sheets:
        raise Refusal(f"这个文件里的表超过 {limits.sheets} 张。请按楼栋分成几个文件。")
    _check_sizes(entries, limits)


def _check_end(path: Path, limits: Limits) -> None:
    """How long the directory is stands at the end of the file. A directory of a million entries is itself a bomb."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - _END.size - _LONGEST_COMMENT, 0))
        tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < _END.size:
        raise Refusal(BROKEN)
    *_, entries, length, _, _ = _END.unpack_from(tail, place)
    if entries > limits.entries or length > limits.entries * _BYTES_AN_ENTRY:
        raise Refusal(TOO_BIG)


def _check_sizes(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    bombs = [
        entry
        for entry in entries
        if entry.file_size > MEGABYTE and entry.file_size > entry.compress_size * limits.ratio
    ]
    if unpacked > limits.unpacked_bytes or bombs:
        raise Refusal(TOO_BIG)
