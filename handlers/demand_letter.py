"""催款函 on A4: the letter, and below the dashed line the slip that proves its delivery."""

from collections.abc import Sequence

from bot.pdf import Sheets, width_of
from models.dunning.letters import BASIS, Letter
from models.money import in_capitals, shown

LEFT, RIGHT, TOP = 22.0, 188.0, 24.0
LINE = 7.0
SIZE = 11.0
ROWS = 14  # of the table on the first page; what is more is summed up
SLIP = 232.0  # where the slip begins


def letters_of(letters: Sequence[Letter]) -> bytes:
    """The PDF, a page a letter."""
    sheets = Sheets("催款函")
    for letter in letters:
        sheets.page()
        _draw(sheets, letter)
    return sheets.written()


def _draw(sheets: Sheets, letter: Letter) -> None:
    sheets.text(sheets.width / 2, TOP, "催 款 函", 20, centred=True)
    sheets.text(RIGHT - width_of(f"编号：{letter.number}", 10), TOP + 12, f"编号：{letter.number}", 10)
    down = TOP + 20
    for words in words_of(letter):
        for line in wrapped(words):
            sheets.text(LEFT, down, line, SIZE)
            down += LINE
    down += 2
    for words in (letter.company + "（盖章）", f"{letter.on:%Y年%m月%d日}"):
        sheets.text(RIGHT - width_of(words, SIZE), down, words, SIZE)
        down += LINE
    _slip(sheets, letter)


def words_of(letter: Letter) -> list[str]:
    """What the letter says, paragraph by paragraph."""
    first, last = min(line.start for line in letter.lines), max(line.end for line in letter.lines)
    shown_lines = letter.lines[:ROWS]
    rest = letter.lines[ROWS:]
    said = [
        f"{letter.owner}（{letter.home}）：",
        f"您户{first}至{last}期间有下列费用到期没有交：",
        *(f"  {line.item}　{line.start}至{line.end}　{shown(line.fen)}" for line in shown_lines),
    ]
    if rest:
        said.append(f"  另有{len(rest)}笔，合计{shown(sum(line.fen for line in rest))}（明细可向物业索取）")
    said += [
        f"违约金：{letter.late_fee_words}" + (f"共{shown(letter.late_fee)}。" if letter.late_fee else ""),
        f"合计：{shown(letter.total)}（大写：{in_capitals(letter.total)}）",
        f"请在{letter.pay_until:%Y年%m月%d日}前交清。",
        f"付款方式：{letter.pay_to or '到物业服务中心交，或者在物业公众号里回复「账单」'}",
        f"对账单有异议，请打电话：{letter.hotline or '物业服务中心'}，我们当面核对。",
        f"依据：{BASIS}。",
        "已经交了的，请不用理会，并告诉我们更正。",
    ]
    return said


def wrapped(words: str, width: float = RIGHT - LEFT, size: float = SIZE) -> list[str]:
    """Lines that fit between the edges."""
    lines, line = [], ""
    for letter in words:
        if line and width_of(line + letter, size) > width:
            lines.append(line)
            line = ""
        line += letter
    return [*lines, line]


def _slip(sheets: Sheets, letter: Letter) -> None:
    sheets.line(0, SLIP, sheets.width, SLIP, dashed=True)
    sheets.text(sheets.width / 2, SLIP + 4, "送 达 回 执", 14, centred=True)
    for number, words in enumerate(
        (
            f"函件：催款函 {letter.number}　　收件：{letter.owner}（{letter.home}）　　金额：{shown(letter.total)}",
            "送达方式：□当面签收　□EMS 单号________________　□门上张贴（拍照）　□拒收（见证人________）",
            "签收人：________________　　日期：______年____月____日　　送达人：________________",
        )
    ):
        sheets.text(LEFT, SLIP + 16 + number * 10, words, 10)
