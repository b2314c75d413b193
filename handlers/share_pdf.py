"""The proof sheet on paper, to hang up in the entrance: A4, forty homes a page, no names."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from bot.pdf import Sheets, width_of
from models.billing.figures import yuan
from models.billing.shares import FORMAT
from models.money import shown

LEFT, TOP, BOTTOM, LINE = 15.0, 15.0, 282.0, 5.6
WIDTH = 180.0
ACROSS = ((0.0, "序号"), (12.0, "房号"), (42.0, "权重"), (112.0, "按权重应分（元）"), (150.0, "实际分到（元）"))


def pdf_of(sheet: Mapping[str, Any]) -> bytes:
    """The file; the same sheet is the same bytes."""
    paper = _Paper(f"{sheet['community']} {sheet['period']} {sheet['name']} 公摊明细")
    for line in facts_of(sheet):
        paper.write(line, 10)
    paper.columns(tuple(words for _, words in ACROSS))
    for home in sheet["homes"]:
        extra = "（含多分的1分）" if home["extra"] else ""
        exact, fen = yuan(Fraction(home["exact"])), shown(home["fen"]).removesuffix("元")
        paper.columns((str(home["place"]), home["home"], home["why"], exact, f"{fen}{extra}"))
    paper.write(f"合计 {shown(sheet['total'])}。这张表可以下载成文件自己核对（{FORMAT}）。", 10)
    return paper.sheets.written()


def facts_of(sheet: Mapping[str, Any]) -> list[str]:
    """What stands above the homes, in the order somebody would check it."""
    lines = [f"单据：{sheet['document']}，{shown(sheet['amount'])}"]
    if sheet["excluded"]:
        why = f"（{sheet['excluded_why']}）" if sheet["excluded_why"] else ""
        lines.append(f"不分的：{shown(sheet['excluded'])}{why}；要分的：{shown(sheet['total'])}")
    lines += sheet["meters"]
    lucky = sum(home["extra"] for home in sheet["homes"])
    lines.append(f"范围：{sheet['scope']}，{len(sheet['homes'])}户；{sheet['by']}")
    lines.append(
        f"每户先按权重算到分、零头舍去，还剩{lucky}分：零头最大的{lucky}户各多分1分，一样大的按房号先后。"
        if lucky
        else "每户正好分到整分，没有剩下的零头。"
    )
    return [*lines, *(f"请注意：{warning}" for warning in sheet["warnings"])]


class _Paper:
    def __init__(self, title: str) -> None:
        self.sheets = Sheets(title)
        self.sheets.page()
        self._y = TOP
        self.write(title, 15)

    def write(self, words: str, size: float) -> None:
        """As many lines as the words need."""
        line = ""
        for letter in words:
            if width_of(line + letter, size) > WIDTH:
                self._line(line, size)
                line = ""
            line += letter
        self._line(line, size)

    def _line(self, words: str, size: float) -> None:
        self._room()
        self.sheets.text(LEFT, self._y, words, size)
        self._y += LINE if size <= 10 else LINE * 1.6

    def columns(self, words: tuple[str, ...]) -> None:
        self._room()
        for (across, _), word in zip(ACROSS, words, strict=True):
            self.sheets.text(LEFT + across, self._y, word, 9)
        self.sheets.line(LEFT, self._y + LINE - 0.8, LEFT + WIDTH, self._y + LINE - 0.8)
        self._y += LINE

    def _room(self) -> None:
        if self._y + LINE > BOTTOM:
            self.sheets.page()
            self._y = TOP
