"""Label sheets of A4: six stickers a page, each with its code and what to do, in letters that can be read from a step away."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.pdf import Sheets, width_of

ACROSS, DOWN = 2, 3
WIDTH, HEIGHT = 105.0, 99.0  # of a label, in millimetres: the common sheet of six
CODE = 54.0  # the code with its quiet zone
TEXT_WIDTH = WIDTH - 12
WHAT_TO_DO = "扫一扫，说一句就报修"


@dataclass(frozen=True)
class Label:
    """`says` is what the code says, `tag` the letters for those who cannot scan."""

    says: str
    place: str
    community: str
    tag: str
    what: str = WHAT_TO_DO


def sheet_of(labels: Sequence[Label]) -> bytes:
    """The PDF."""
    sheets = Sheets("报修贴纸")
    for number, label in enumerate(labels):
        place = number % (ACROSS * DOWN)
        if place == 0:
            sheets.page()
            _cutting_lines(sheets)
        _draw(sheets, label, place % ACROSS * WIDTH, place // ACROSS * HEIGHT)
    return sheets.written()


def _draw(sheets: Sheets, label: Label, left: float, top: float) -> None:
    middle = left + WIDTH / 2
    _code(sheets, label.says, middle - CODE / 2, top + 4)
    for below, words, size in (
        (59.0, label.place, 24.0),
        (70.0, label.community, 13.0),
        (77.0, label.what, 17.0),
        (86.5, f"不会扫码？在公众号里发这几个字母：{label.tag}", 10.5),
    ):
        sheets.text(middle, top + below, words, _fitting(words, size), centred=True)


def _code(sheets: Sheets, says: str, left: float, top: float) -> None:
    import qrcode  # noqa: PLC0415 (no other command should wait for it)

    # A quarter of it may be scratched away: it hangs in a stairwell.
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=4)
    code.add_data(says)
    rows = code.get_matrix()
    side = CODE / len(rows)
    for down, row in enumerate(rows):
        for start, length in _runs(row):
            sheets.box(left + start * side, top + down * side, length * side, side)


def _runs(row: Sequence[bool]) -> list[tuple[int, int]]:
    """(start, length) of every run of dark modules: drawn whole, no light line can show between them."""
    runs: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((place, 1))
    return runs


def _fitting(words: str, size: float) -> float:
    """The size of letters with which the words fit on a label, `size` at most."""
    width = width_of(words, size)
    return size if width <= TEXT_WIDTH else size * TEXT_WIDTH / width


def _cutting_lines(sheets: Sheets) -> None:
    for down in range(1, DOWN):
        sheets.line(0, down * HEIGHT, sheets.width, down * HEIGHT, dashed=True)
    sheets.line(WIDTH, 0, WIDTH, sheets.height, dashed=True)
