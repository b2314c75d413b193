"""The proof sheet as a table: what `check-share` and any spreadsheet read. The same values as the JSON file, line by line.

First a few lines of (name, value), then a header, then a line for each home. A weight is an exact fraction: 8937/100 is 89.37.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

HEAD = ("序号", "房号", "怎么算的权重", "权重", "按权重应分（分）", "多分到的1分", "实际分到（分）")
COLUMNS = ("place", "home", "why", "weight", "exact", "extra", "fen")
_VALUES = (
    ("格式", "format"), ("小区", "community"), ("月份", "period"), ("费用", "name"), ("单据", "document"), ("范围", "scope"),
    ("怎么分", "by"), ("整笔费用（分）", "amount"), ("不分的（分）", "excluded"), ("不分的原因", "excluded_why"),
    ("要分的（分）", "total"),
)  # fmt: skip
_NUMBERS = frozenset({"amount", "excluded", "total", "place", "extra", "fen"})


def table_of(sheet: Mapping[str, Any]) -> list[list[Any]]:
    """The rows of the table."""
    rows: list[list[Any]] = [[name, sheet[key]] for name, key in _VALUES]
    rows += [["表和损耗", line] for line in sheet["meters"]]
    rows.append(list(HEAD))
    rows += [[home[column] for column in COLUMNS] for home in sheet["homes"]]
    return rows


def sheet_from(text: str) -> dict[str, Any]:
    """A table as it was written. Raises ValueError for anything else."""
    sheet: dict[str, Any] = {"homes": []}
    keys = dict(_VALUES)
    lines = False
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))):
        cells = [cell.strip().removeprefix("'") for cell in row]
        if tuple(cells[: len(HEAD)]) == HEAD:
            lines = True
        elif lines and any(cells):
            sheet["homes"].append(_typed(COLUMNS, cells))
        elif cells and cells[0] in keys:
            sheet |= _typed((keys[cells[0]],), cells[1:2])
    return sheet


def _typed(names: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    return {name: int(cell) if name in _NUMBERS else cell for name, cell in zip(names, cells, strict=False)}
