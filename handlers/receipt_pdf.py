"""A receipt on paper: A5 across, as it comes out of the printer at the counter."""

from bot.pdf import Sheets, width_of
from handlers.receipt_sheet import Sheet

SIZE = (210.0, 148.0)
LEFT, RIGHT, TOP, BOTTOM, LINE = 15.0, 195.0, 12.0, 138.0, 7.0
SECOND = 110.0  # where the second column of facts begins
FOOT = 3 * LINE  # what the sum and the marks need under the lines


def pdf_of(sheet: Sheet) -> bytes:
    """The file; the same receipt is the same bytes."""
    sheets = Sheets(f"收据 {sheet.number}", SIZE)
    y = _head(sheets, sheet)
    for words, amount in sheet.lines:
        if y + LINE + FOOT > BOTTOM:
            y = _head(sheets, sheet)
        sheets.text(LEFT, y, fitted(words, 130.0, 10), 10)
        _right(sheets, y, amount, 10)
        sheets.line(LEFT, y + LINE - 1.5, RIGHT, y + LINE - 1.5)
        y += LINE
    sheets.text(LEFT, y, f"合计（大写）{sheet.capitals}", 11)
    _right(sheets, y, sheet.total, 11)
    return sheets.written()


def _head(sheets: Sheets, sheet: Sheet) -> float:
    """A page begun with everything that stands above the lines; returns where they begin."""
    sheets.page()
    sheets.text(SIZE[0] / 2, TOP, sheet.title, 18, centred=True)
    _right(sheets, TOP, f"No. {sheet.number}", 12)
    # A void or second copy must be seen at once, on every page.
    sheets.text(LEFT, TOP + 8.5, fitted("　".join(sheet.marks), RIGHT - LEFT, 12), 12)
    y = TOP + 16
    for place, (name, words) in enumerate(sheet.facts):
        sheets.text(LEFT if place % 2 == 0 else SECOND, y, fitted(f"{name}：{words}", 90.0, 10), 10)
        y += LINE if place % 2 or place == len(sheet.facts) - 1 else 0
    sheets.line(LEFT, y, RIGHT, y)
    return y + 2


def _right(sheets: Sheets, y: float, words: str, size: float) -> None:
    sheets.text(RIGHT - width_of(words, size), y, words, size)


def fitted(words: str, room: float, size: float) -> str:
    """As much of a line as there is room for, in millimetres."""
    if width_of(words, size) <= room:
        return words
    while words and width_of(f"{words}…", size) > room:
        words = words[:-1]
    return f"{words}…"
