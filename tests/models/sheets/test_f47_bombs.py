"""F47: what would eat the machine is told by its outside, within a second and without unpacking it."""

import gc
import io
import random
import resource
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from models.errors import Refusal
from models.sheets.files import read_file
from models.sheets.package import Limits
from tests.support.ledgers import CLEAN
from tests.support.workbooks import MAIN, cells_of, workbook

ZEROS = b"0" * (40 << 20)
ROW = "<row r='1'><c r='A1'><v>1</v></c></row>"


def _one_entry(path: Path) -> None:
    workbook(path, ROW, more={"xl/media/image1.xml": ZEROS})


def _the_sheet_itself(path: Path) -> None:
    with zipfile.ZipFile(workbook(path, ROW)) as old:
        parts = {entry.filename: old.read(entry) for entry in old.infolist()}
    parts["xl/worksheets/sheet1.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode() + b"<row/>" * (8 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)


def _many_middling_entries(path: Path) -> None:
    """Each packs only a hundredfold; together they are too much. The directory is made to say so without packing them all."""
    workbook(path, ROW, more={f"xl/media/{number}.bin": b"x" * 9000 for number in range(1000)}, packed=0)
    content = path.read_bytes()
    start = content.index(b"PK\x01\x02")
    said = content[start:].replace(struct.pack("<L", 9000) * 2, struct.pack("<LL", 9000, 900_000))
    path.write_bytes(content[:start] + said)


def _ten_thousand_sheets(path: Path) -> None:
    workbook(path, ROW, more={f"xl/worksheets/s{number}.xml": b"<worksheet/>" for number in range(10_000)})


def _three_hundred_sheets(path: Path) -> None:
    workbook(path, ROW, more={f"xl/worksheets/s{number}.xml": b"<worksheet/>" for number in range(300)})


def _zip_in_zip(path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", ZEROS)
    workbook(path, ROW, more={"xl/embeddings/bomb.zip": inner.getvalue()})


def _directory_longer_than_it_says(path: Path) -> None:
    """The end of the archive says one entry; the directory before it goes on and on."""
    _ten_thousand_sheets(path)
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\x05\x06")
    content[place + 8 : place + 12] = struct.pack("<HH", 1, 1)
    path.write_bytes(content)


def _the_same_entry_twice(path: Path) -> None:
    workbook(path, ROW)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")


def _size_that_lies(path: Path) -> None:
    """The directory says a few bytes, the packed data hold forty megabytes."""
    workbook(path, ROW, more={"xl/sharedStrings2.xml": b"x"})
    _the_sheet_itself(path)
    content = bytearray(path.read_bytes())
    place = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    content[place + 24 : place + 28] = struct.pack("<L", 1000)
    path.write_bytes(content)


def _entities(path: Path) -> None:
    laugh = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 9))
    bomb = b'<!DOCTYPE w [<!ENTITY l0 "ha">' + laugh + b"]><worksheet><sheetData>&l8;</sheetData></worksheet>"
    with zipfile.ZipFile(workbook(path, ROW)) as old:
        parts = {entry.filename: old.read(entry) for entry in old.infolist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, bomb if name.endswith("sheet1.xml") else content)


def _one_endless_text(path: Path) -> None:
    workbook(path, "<row r='1'><c r='A1' t='inlineStr'><is><t>" + "字" * (2 << 20) + "</t></is></c></row>", packed=0)


def _a_thousand_by_a_thousand_blocks(path: Path) -> None:
    blocks = "".join(f"<mergeCell ref='A{n}:B{n}'/>" for n in range(1, 100_003))
    workbook(path, ROW, after=f"<mergeCells>{blocks}</mergeCells>")


BOMBS: dict[str, tuple[Callable[[Path], None], str]] = {
    "one entry that unpacks to forty megabytes": (_one_entry, "太大"),
    "a sheet that unpacks to fifty megabytes": (_the_sheet_itself, "太大"),
    "many entries of a megabyte": (_many_middling_entries, "太大"),
    "ten thousand sheets": (_ten_thousand_sheets, "太大"),
    "three hundred sheets": (_three_hundred_sheets, "200 张"),
    "a zip in the zip": (_zip_in_zip, "嵌着"),
    "a directory longer than it says": (_directory_longer_than_it_says, "太大"),
    "the same entry twice": (_the_same_entry_twice, "打不开"),
    "a size that lies": (_size_that_lies, "打不开"),
    "entities that multiply": (_entities, "打不开"),
    "one endless text": (_one_endless_text, "打不开"),
    "blocks without end": (_a_thousand_by_a_thousand_blocks, "合并"),
}


@pytest.fixture(scope="module")
def without_older_garbage() -> None:
    """What earlier tests of this process have left in memory is not looked through while something is measured, nor later."""
    gc.collect()
    gc.freeze()


@pytest.mark.usefixtures("without_older_garbage")
@pytest.mark.parametrize("what", BOMBS)
def test_f47_a_bomb_is_refused_at_once(tmp_path: Path, what: str) -> None:
    build, words = BOMBS[what]
    path = tmp_path / "台账.xlsx"
    build(path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.thread_time()
    with pytest.raises(Refusal, match=words):
        cells_of(path)
    assert time.thread_time() - began < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB


def test_f47_the_limits_are_settings(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", ROW, more={"xl/a.bin": ZEROS[:1_200_000] + random.Random(1).randbytes(80_000)})
    read_file(path)
    for limits in (Limits(unpacked_bytes=1 << 20), Limits(ratio=10), Limits(entries=3), Limits(file_bytes=1000)):
        with pytest.raises(Refusal, match="太大"):
            read_file(path, limits)


def test_f47_an_honest_file_passes() -> None:
    assert cells_of(CLEAN)
