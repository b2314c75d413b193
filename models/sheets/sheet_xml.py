"""The XML of one sheet as rows of cells, and of the texts that sheets share: events in, rows out, nothing kept."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from models.errors import Refusal
from models.sheets.formula_guard import freed
from models.sheets.grid import Cell, Row, column_letters, column_number
from models.sheets.package import BROKEN, MEGABYTE, Limits
from models.sheets.values import Styles, number_of, text_of

_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_LONGEST_TEXT = MEGABYTE


def local(name: str) -> str:
    """A name without what stands before it: {…}sheet and x:sheet are sheet."""
    return name.rpartition("}")[2].rpartition(":")[2]


class _Events:
    """An expat parser that knows local names, collects text where asked to, and refuses entities."""

    def __init__(self) -> None:
        self._local: dict[str, str] = {}
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {}
        self._ends: dict[str, Callable[[], None]] = {}
        self._text: list[str] | None = None
        self._long = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse

    def feed(self, part: bytes) -> None:
        self._parser.Parse(part, False)

    def _close(self) -> None:
        self._parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        known = self._local.get(name)
        if known is None:
            known = self._local[name] = local(name)
        begin = self._starts.get(known)
        if begin is not None:
            begin(attributes)

    def _end(self, name: str) -> None:
        end = self._ends.get(self._local[name])
        if end is not None:
            end()

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._long += len(text)
            if self._long > _LONGEST_TEXT:
                raise Refusal(BROKEN)
            self._text.append(text)

    def _listen(self, attributes: dict[str, str]) -> None:
        self._text, self._long = [], 0

    def _heard(self) -> str:
        text = "".join(self._text or ())
        self._text = None
        return text

    def _refuse(self, *declaration: Any) -> None:
        raise Refusal(BROKEN)


class TextReader(_Events):
    """sharedStrings.xml: the texts by their number. How a word is pronounced (rPh) is no part of it."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: list[str] = []
        self._parts: list[str] = []
        self._spoken = False
        self._starts = {"t": self._listen, "rPh": self._speaks}
        self._ends = {"t": self._part, "rPh": self._silent, "si": self._whole}

    def close(self) -> list[str]:
        self._close()
        return self._texts

    def _part(self) -> None:
        text = self._heard()
        if not self._spoken:
            self._parts.append(text)

    def _speaks(self, attributes: dict[str, str]) -> None:
        self._spoken = True

    def _silent(self) -> None:
        self._spoken = False

    def _whole(self) -> None:
        self._texts.append(text_of("".join(self._parts)))
        self._parts = []


class RowReader(_Events):
    """A worksheet: `take` gives the rows that are complete. Rows and cells may leave out their place, then they follow the last."""

    def __init__(self, sheet: str, styles: Styles, texts: list[str], limits: Limits, hidden_rows: set[int]) -> None:
        super().__init__()
        self._sheet, self._styles, self._texts, self._limits, self._hidden = sheet, styles, texts, limits, hidden_rows
        self._ready: list[tuple[int, Row]] = []
        self._columns: dict[str, int] = {}
        self._row = self._column = 0
        self._cells: Row = {}
        self._attributes: dict[str, str] = {}
        self._value: str | None = None
        self._formula: str | None = None
        self._parts: list[str] = []
        self._starts = {
            "row": self._begin_row,
            "c": self._begin_cell,
            "v": self._listen,
            "f": self._listen,
            "t": self._listen,
        }
        self._ends = {
            "row": self._end_row,
            "c": self._end_cell,
            "v": self._end_value,
            "f": self._end_formula,
            "t": self._end_text,
        }

    def take(self) -> list[tuple[int, Row]]:
        ready, self._ready = self._ready, []
        return ready

    def close(self) -> None:
        self._close()

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r", self._row + 1))
        if number <= self._row:
            raise Refusal(BROKEN)  # rows that go back up would overwrite what has been read
        self._row, self._column, self._cells = number, 0, {}
        if attributes.get("hidden") in ("1", "true"):
            self._hidden.add(number)

    def _end_row(self) -> None:
        if self._cells:
            self._limits.check_cell(self._sheet, self._row, max(self._cells))
            self._ready.append((self._row, self._cells))

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._attributes = attributes
        self._value = self._formula = None
        self._parts = []
        written = attributes.get("r")
        self._column = self._column + 1 if written is None else self._column_of(written)

    def _column_of(self, written: str) -> int:
        letters = written.rstrip("0123456789")
        known = self._columns.get(letters)
        if known is None:
            if not _PLACE.fullmatch(written):
                raise Refusal(BROKEN)
            known = self._columns[letters] = column_number(letters)
        return known

    def _end_value(self) -> None:
        self._value = self._heard()

    def _end_formula(self) -> None:
        self._formula = self._heard()

    def _end_text(self) -> None:
        self._parts.append(self._heard())

    def _end_cell(self) -> None:
        kind = self._attributes.get("t", "n")
        if kind == "inlineStr":
            self._value = "".join(self._parts)
        if not self._value and self._formula is None:
            return
        address = self._attributes.get("r") or f"{column_letters(self._column)}{self._row}"
        if self._value:
            self._cells[self._column] = self._cell(address, kind, self._value)
        elif self._formula is not None:
            self._cells[self._column] = Cell(address, f"={self._formula}", "formula")

    def _cell(self, address: str, kind: str, value: str) -> Cell:
        if kind == "s":
            return Cell(address, freed(self._texts[int(value)]), "text")
        if kind == "n":
            return self._number(address, value)
        if kind == "e":
            return Cell(address, value, "error")
        if kind == "b":
            return Cell(address, "True" if value in ("1", "true") else "False", "text")
        if kind == "d":
            return Cell(address, date.fromisoformat(value[:10]), "date")
        return Cell(address, freed(text_of(value)), "text")

    def _number(self, address: str, value: str) -> Cell:
        if self._attributes.get("s") in self._styles.days:
            day = self._styles.day(float(value))
            return Cell(address, day, "date" if isinstance(day, date) else "text")
        number: Decimal = number_of(value)
        return Cell(address, number, "number" if number.is_finite() else "error")
