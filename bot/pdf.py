"""Drawing a PDF with Chinese words in it, without a font on the machine: Noto Sans SC comes with a package (OFL).

A sheet is drawn first and written last. By then it is known which characters occur, and only those go into the file: a few
kilobytes instead of eight megabytes. Lengths are millimetres, (0, 0) is the top left corner of a page; sizes of letters are
points. Nothing here knows what a label or a receipt is.
"""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont
    from reportlab.pdfgen.canvas import Canvas

# fontTools and reportlab are loaded when a sheet is written: no other command should wait for them.

A4 = (210.0, 297.0)
POINT = 25.4 / 72  # millimetres
_FONT = "words"
_BASELINE = 0.86  # of the size of the letters, from their upper edge

Mark = Callable[["Canvas"], None]


class Sheets:
    """Pages being drawn. `title` is what a reader shows in its window."""

    def __init__(self, title: str, size: tuple[float, float] = A4) -> None:
        self._title = title
        self.width, self.height = size
        self._pages: list[list[Mark]] = []
        self._letters: set[str] = set(title)

    def page(self) -> None:
        """Begin a new page; what is drawn from now on is on it."""
        self._pages.append([])

    def text(self, x: float, y: float, words: str, size: float, *, centred: bool = False) -> None:
        """One line of words with its upper edge at `y`; `x` is its left end, or its middle. What the font lacks becomes □."""
        words = "".join(letter if ord(letter) in _widths() else "□" for letter in words)
        self._letters |= set(words)
        baseline = self._up(y + size * POINT * _BASELINE)

        def draw(canvas: "Canvas") -> None:
            canvas.setFont(_FONT, size)
            (canvas.drawCentredString if centred else canvas.drawString)(x / POINT, baseline, words)

        self._pages[-1].append(draw)

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """A black rectangle."""
        self._pages[-1].append(
            lambda canvas: canvas.rect(x / POINT, self._up(y + height), width / POINT, height / POINT, stroke=0, fill=1)
        )

    def line(self, x: float, y: float, to_x: float, to_y: float, *, dashed: bool = False) -> None:
        """A thin grey line, to cut or write along."""

        def draw(canvas: "Canvas") -> None:
            canvas.saveState()
            canvas.setStrokeGray(0.6)
            canvas.setLineWidth(0.4)
            if dashed:
                canvas.setDash(2, 3)
            canvas.line(x / POINT, self._up(y), to_x / POINT, self._up(to_y))
            canvas.restoreState()

        self._pages[-1].append(draw)

    def written(self) -> bytes:
        """The file. The same drawing is the same bytes."""
        from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 (see above)
        from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415
        from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

        font = TTFont(_FONT, io.BytesIO(_font_with(frozenset(self._letters))))
        file = io.BytesIO()
        # reportlab keeps the first font of a name for ever, and every sheet has a font of its own: one at a time, and forgotten.
        with _writing:
            pdfmetrics.registerFont(font)
            try:
                canvas = Canvas(
                    file, pagesize=(self.width / POINT, self.height / POINT), invariant=1, initialFontName=_FONT
                )
                canvas.setTitle(self._title)
                for marks in self._pages:
                    for mark in marks:
                        mark(canvas)
                    canvas.showPage()
                canvas.save()
            finally:
                pdfmetrics._fonts.pop(_FONT, None)
                pdfmetrics._dynFaceNames.pop(font.face.name, None)
        return file.getvalue()

    def _up(self, y: float) -> float:
        """PDF counts points from the bottom."""
        return (self.height - y) / POINT


def width_of(words: str, size: float) -> float:
    """How wide a line is, in millimetres, so that it can be made to fit."""
    widths = _widths()
    return sum(widths.get(ord(letter), 1000) for letter in words) / 1000 * size * POINT


_writing = Lock()


def _font_with(letters: frozenset[str]) -> bytes:
    """The font with these characters alone, its outlines as TrueType, because that is what PDF writers can embed."""
    from fontTools.subset import Options, Subsetter  # noqa: PLC0415 (see above)

    options = Options(layout_features=[], notdef_outline=True, name_IDs=[1, 2, 6], hinting=False)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx"]
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every table
    with _noto() as font:
        subsetter = Subsetter(options)
        subsetter.populate(text="".join(sorted(letters)) + " ?")
        subsetter.subset(font)
        _as_truetype(font)
        file = io.BytesIO()
        font.save(file)
    return file.getvalue()


def _as_truetype(font: "TTFont") -> None:
    """Cubic outlines (CFF) become quadratic ones (glyf), to within a thousandth of the letter's height."""
    from fontTools.pens.cu2quPen import Cu2QuPen  # noqa: PLC0415 (see above)
    from fontTools.pens.ttGlyphPen import TTGlyphPen  # noqa: PLC0415
    from fontTools.ttLib import newTable  # noqa: PLC0415

    drawn, order = font.getGlyphSet(), font.getGlyphOrder()
    outlines: Any = newTable("glyf")
    outlines.glyphOrder, outlines.glyphs = order, {}
    for name in order:
        pen = TTGlyphPen(None)
        drawn[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        outlines.glyphs[name] = pen.glyph()
    font["glyf"], font["loca"] = outlines, newTable("loca")
    for name, glyph in outlines.glyphs.items():
        glyph.recalcBounds(outlines)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyph, "xMin", 0))
    del font["CFF "]
    highest: Any = font["maxp"]
    highest.tableVersion = 0x00010000
    for field in _HIGHEST:
        setattr(highest, field, 0)  # counted anew when the font is saved, as far as it matters
    highest.maxZones = 1
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


# What the table of a TrueType font says about its largest glyph.
_HIGHEST = (
    "maxPoints",
    "maxContours",
    "maxCompositePoints",
    "maxCompositeContours",
    "maxTwilightPoints",
    "maxStorage",
    "maxFunctionDefs",
    "maxInstructionDefs",
    "maxStackElements",
    "maxSizeOfInstructions",
    "maxComponentElements",
    "maxComponentDepth",
)


@cache
def _widths() -> dict[int, int]:
    """How wide each character is, in thousandths of the size of the letters."""
    with _noto() as font:
        per_em = font["head"].unitsPerEm
        metrics = font["hmtx"].metrics
        return {code: metrics[name][0] * 1000 // per_em for code, name in font.getBestCmap().items()}


@contextmanager
def _noto() -> "Iterator[TTFont]":
    from fontTools.ttLib import TTFont  # noqa: PLC0415 (see above)
    from pylopdf_fonts_zh_cn import sans_path  # noqa: PLC0415

    with open(sans_path(), "rb") as file:
        yield TTFont(file, lazy=True, recalcTimestamp=False)
