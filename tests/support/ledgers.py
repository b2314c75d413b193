"""Sheets for tests, written as rows of values; the real sample ledgers and what a careful clerk reads in them."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from models.estate.ledger_rows import Ledger
from models.sheets.grid import Cell, Merge, Sheet, column_letters

SAMPLES = Path(__file__).parents[1] / "samples"
CLEAN = SAMPLES / "房产台账-干净.xlsx"
COMMON = SAMPLES / "房产台账-常见.xlsx"


def sheet(name: str, *rows: list[Any], merges: tuple[str, ...] = (), **more: Any) -> Sheet:
    """A sheet with these rows from row 1 on; None is an empty cell, "=…" a formula without result, "#…!" an error."""
    cells = {
        row: {column: _cell(row, column, value) for column, value in enumerate(values, 1) if value is not None}
        for row, values in enumerate(rows, 1)
    }
    blocks = tuple(_merge(block) for block in merges)
    return Sheet(name, {row: columns for row, columns in cells.items() if columns}, blocks, **more)


def _cell(row: int, column: int, value: Any) -> Cell:
    address = f"{column_letters(column)}{row}"
    if isinstance(value, date):
        return Cell(address, value, "date")
    if isinstance(value, int | float):
        return Cell(address, Decimal(repr(value)), "number")
    kind = "formula" if value.startswith("=") else "error" if value.startswith("#") else "text"
    return Cell(address, value, kind)


def _merge(block: str) -> Merge:
    """ "A1:C3", columns of one letter."""
    first, last = block.split(":")
    return Merge(int(first[1:]), ord(first[0]) - 64, int(last[1:]), ord(last[0]) - 64)


def truth(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.with_suffix(".truth.json").read_text(encoding="utf-8"))
    return content


def as_truth(ledger: Ledger) -> dict[str, Any]:
    """A ledger in the shape of a truth file: every home with its area, its owner and the owner's main phone."""
    owners: dict[str, Any] = {}
    for person in ledger.residents:
        if person.relation == "owner":
            assert person.address.key() not in owners
            owners[person.address.key()] = person
    return {
        home.address.key(): {
            "area": home.area,
            "owner": owners[home.address.key()].name,
            "phone": owners[home.address.key()].phones[0],
        }
        for home in ledger.homes
    }
