"""Tables that leave the house as files: row by row, and nothing in them that a spreadsheet would run."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from models.sheets.formula_guard import guarded

Row = Sequence[Any]
Writer = Callable[[Sequence[str], Iterable[Row], IO[bytes]], None]

_LONGEST_CELL = 32_767  # characters; a spreadsheet refuses the whole file otherwise


def spreadsheet_safe(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a ' in front; `import` takes it off again. Numbers stay numbers."""
    return guarded(value)[:_LONGEST_CELL] if isinstance(value, str) else value


def write_jsonl(columns: Sequence[str], rows: Iterable[Row], target: IO[bytes]) -> None:
    for row in rows:
        line = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=_plain)
        target.write(line.encode() + b"\n")


def write_csv(columns: Sequence[str], rows: Iterable[Row], target: IO[bytes]) -> None:
    # With the mark that Excel needs for Chinese.
    text = io.TextIOWrapper(target, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([spreadsheet_safe(_cell(value)) for value in row])
    text.detach()


def write_xlsx(columns: Sequence[str], rows: Iterable[Row], target: IO[bytes]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 (slow to load, and only needed here)
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("export")
    sheet.append(list(columns))
    for row in rows:
        cells = []
        for value in row:
            plain = spreadsheet_safe(_cell(value))
            cell = WriteOnlyCell(sheet, plain)
            if isinstance(plain, str):
                cell.data_type = "s"  # text, whatever it looks like
            cells.append(cell)
        sheet.append(cells)
    book.save(target)


WRITERS: dict[str, Writer] = {"jsonl": write_jsonl, "csv": write_csv, "xlsx": write_xlsx}


def _cell(value: Any) -> Any:
    """A value as one cell holds it: numbers as numbers, moments and lists as text."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=_plain, sort_keys=True)
    return value if isinstance(value, int | Decimal | str | None) else _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
