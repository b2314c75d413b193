"""Sheets as PDF: the Chinese font is inside, and only what was used of it."""

import pypdfium2
import pytest

from bot.pdf import A4, Sheets, width_of


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    words = []
    for number in range(len(document)):
        page = document[number]
        text = page.get_textpage()
        words.append(text.get_text_range())
        text.close()
        page.close()
    document.close()
    return "\n".join(words)


def drawn(words: str) -> bytes:
    sheets = Sheets("试一试")
    sheets.page()
    sheets.text(20, 20, words, 24)
    return sheets.written()


def test_what_was_written_can_be_read_again() -> None:
    assert words_of(drawn("锦绣花园 3栋2单元电梯：ＡＢ c12")).strip() == "锦绣花园 3栋2单元电梯：ＡＢ c12"


def test_the_font_is_inside_and_small() -> None:
    pdf = drawn("扫一扫，说一句就报修")
    assert b"/FontFile2" in pdf
    assert len(pdf) < 20_000


def test_the_same_drawing_is_the_same_bytes() -> None:
    assert drawn("一样") == drawn("一样") != drawn("不一样")


def test_a_letter_the_font_lacks_is_a_box() -> None:
    assert words_of(drawn("门🚪\U0010ffff\0")).strip() == "门□□□"


def test_pages_are_as_many_and_as_large_as_drawn() -> None:
    sheets = Sheets("两页")
    for _ in range(2):
        sheets.page()
        sheets.box(10, 10, 20, 20)
        sheets.line(0, 50, 210, 50, dashed=True)
    document = pypdfium2.PdfDocument(sheets.written())
    sizes = [tuple(side * 25.4 / 72 for side in page.get_size()) for page in document]
    document.close()
    assert sizes == [pytest.approx(A4, abs=0.01)] * 2


@pytest.mark.parametrize(("words", "size", "width"), [("报修", 72, 50.8), ("", 12, 0), ("报", 36, 12.7)])
def test_a_chinese_letter_is_as_wide_as_it_is_high(words: str, size: float, width: float) -> None:
    assert width_of(words, size) == pytest.approx(width)
