"""Workbooks written by hand, so that a test can hold what no library would write."""

import zipfile
from pathlib import Path

from models.sheets.files import read_file
from models.sheets.grid import Cell
from models.sheets.package import Limits

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = f"{LINKS}/worksheet"
_STYLES = f"""<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>
<numFmt numFmtId="165" formatCode="&quot;day&quot; 0.00"/></numFmts><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/>
<xf numFmtId="165"/><xf numFmtId="31"/></cellXfs></styleSheet>"""


def workbook(
    path: Path,
    data: str,
    *,
    after: str = "",
    shared: str = "",
    book: str = "",
    state: str = "visible",
    name: str = "1栋",
    more: dict[str, bytes] | None = None,
    packed: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """One sheet whose `<sheetData>` holds `data`, followed by `after`. Style 1, 2 and 4 are days, style 3 looks like one."""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{book}<sheets>'
        f'<sheet name="{name}" sheetId="1" state="{state}" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" Type="{_TYPE}" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData>{after}</worksheet>',
    }
    with zipfile.ZipFile(path, "w", packed) as archive:
        for entry, content in parts.items():
            archive.writestr(entry, content)
        for entry, raw in (more or {}).items():
            archive.writestr(entry, raw)
    return path


def cells_of(path: Path, limits: Limits | None = None) -> dict[str, Cell]:
    """Every cell of the first sheet by its address."""
    found: dict[str, Cell] = {}
    for sheet in list(read_file(path, limits).sheets)[:1]:
        for number in sheet.down():
            found |= {cell.address: cell for cell in sheet.rows[number].values()}
    return found
