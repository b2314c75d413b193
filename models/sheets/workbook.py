"""An .xlsx as sheets, read row by row with an event parser: formulas, hidden rows and merged cells are seen, nothing is built.

ECMA-376 part 1, 18.3 (worksheets), 18.4 (shared strings), 18.8 (styles).
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError
from xml.parsers.expat import ExpatError

from models.errors import Refusal
from models.sheets.grid import HEAD, SERIALS_OF_1900, SERIALS_OF_1904, Merge, Row, Sheet, column_number
from models.sheets.package import BROKEN, Limits
from models.sheets.progress import Progress
from models.sheets.sheet_xml import RowReader, TextReader, local
from models.sheets.values import Styles

_AT_ONCE = 1 << 17
_OVERLAP = 512
_MERGE = re.compile(
    rb"""<(?:\w+:)?mergeCell\b[^>]*?\sref=["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})["']"""
)
_MOST_MERGES = 100_000
_BROKEN_BY = (
    *(ExpatError, ParseError, zipfile.BadZipFile, zlib.error, EOFError, LookupError, ValueError, OverflowError),
    NotImplementedError,  # a way of packing nobody uses for spreadsheets
)


@dataclass(frozen=True)
class _Page:
    name: str
    entry: str
    hidden: bool


def read_workbook(path: Path, limits: Limits, progress: Progress) -> Iterator[Sheet]:
    """The sheets in order, each to be read before the next is asked for. Raises Refusal for what is broken."""
    try:
        with zipfile.ZipFile(path) as archive:
            pages, styles, texts = _contents(archive)
            for page in pages:
                progress.expects(archive.getinfo(page.entry).file_size)
            for page in pages:
                yield _sheet(archive, page, styles, texts, limits, progress)
                progress.next_piece(archive.getinfo(page.entry).file_size)
    except _BROKEN_BY as broken:
        raise Refusal(BROKEN) from broken


def _contents(archive: zipfile.ZipFile) -> tuple[list[_Page], Styles, list[str]]:
    names = {name.lower(): name for name in archive.namelist()}
    book = _small(archive, names["xl/workbook.xml"])
    targets = {
        link.get("Id"): _entry(link.get("Target", ""))
        for link in _small(archive, names["xl/_rels/workbook.xml.rels"])
        if link.get("Type", "").endswith("/worksheet")
    }
    pages = []
    for sheet in book.iter():
        if local(sheet.tag) == "sheet":
            link = next((value for key, value in sheet.attrib.items() if local(key) == "id"), "")
            if link in targets and targets[link].lower() in names:
                hidden = sheet.get("state", "visible") != "visible"
                pages.append(_Page(sheet.get("name", ""), names[targets[link].lower()], hidden))
    if not pages:
        raise Refusal(BROKEN)
    since_1904 = any(local(part.tag) == "workbookPr" and part.get("date1904") in ("1", "true") for part in book.iter())
    day_zero = SERIALS_OF_1904 if since_1904 else SERIALS_OF_1900
    styled = _small(archive, names["xl/styles.xml"]) if "xl/styles.xml" in names else Element("none")
    return pages, Styles.of(styled, day_zero), _shared_texts(archive, names.get("xl/sharedstrings.xml"))


def _entry(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target.removeprefix('./')}"


def _small(archive: zipfile.ZipFile, name: str) -> Element:
    """One of the short parts, whole. Entities and document types are refused: no spreadsheet program writes them."""
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415 (only needed where a workbook is read)
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415

    if archive.getinfo(name).file_size > 16 * (1 << 20):
        raise Refusal(BROKEN)
    try:
        found: Element = fromstring(archive.read(name), forbid_dtd=True)
    except DefusedXmlException as hostile:
        raise Refusal(BROKEN) from hostile
    return found


def _shared_texts(archive: zipfile.ZipFile, name: str | None) -> list[str]:
    if name is None:
        return []
    reader = TextReader()
    with archive.open(name) as file:
        while part := file.read(_AT_ONCE):
            reader.feed(part)
    return reader.close()


def _sheet(
    archive: zipfile.ZipFile, page: _Page, styles: Styles, texts: list[str], limits: Limits, progress: Progress
) -> Sheet:
    merges = _merges(archive, page.entry)
    hidden_rows: set[int] = set()
    rows = _rows(archive, page, RowReader(page.name, styles, texts, limits, hidden_rows), progress)
    head: dict[int, Row] = {}
    first_of_rest = []
    for number, cells in rows:
        if number > HEAD:
            first_of_rest.append((number, cells))
            break
        head[number] = cells
    return Sheet(
        page.name,
        head,
        merges,
        more=_whole(first_of_rest, rows),
        hidden=page.hidden,
        hidden_rows=hidden_rows,
        day_zero=styles.day_zero,
    )


def _whole(first: list[tuple[int, Row]], rest: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    """Whoever reads on hears the same sentence about a file that turns out to be broken further down."""
    yield from first
    try:
        yield from rest
    except _BROKEN_BY as broken:
        raise Refusal(BROKEN) from broken


def _rows(archive: zipfile.ZipFile, page: _Page, reader: RowReader, progress: Progress) -> Iterator[tuple[int, Row]]:
    done = 0
    with archive.open(page.entry) as file:
        while part := file.read(_AT_ONCE):
            reader.feed(part)
            yield from reader.take()
            done += len(part)
            progress.at(done)
    reader.close()
    yield from reader.take()


def _merges(archive: zipfile.ZipFile, entry: str) -> list[Merge]:
    """Merged cells stand behind all rows in the file, and are needed before the first."""
    merges: list[Merge] = []
    with archive.open(entry) as file:
        kept = b""
        while part := file.read(_AT_ONCE):
            window = kept + part
            last = 0
            for found in _MERGE.finditer(window):
                merges.append(_merge(found))
                last = found.end()
            kept = window[max(last, len(window) - _OVERLAP) :]
            if len(merges) > _MOST_MERGES:
                raise Refusal("表格里合并的格子太多了。请取消合并，再导入。")
    return merges


def _merge(found: re.Match[bytes]) -> Merge:
    left, top, right, bottom = found.groups()
    return Merge(int(top), column_number(left.decode()), int(bottom), column_number(right.decode()))
