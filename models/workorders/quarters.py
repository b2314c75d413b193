"""A quarter of a year, as people name it: 2026Q1, 2026年第一季度, 一季度, 本季, 上季度."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

_LOCAL = ZoneInfo("Asia/Shanghai")
_FIGURES = {"一": 1, "二": 2, "三": 3, "四": 4}
_NAMED = re.compile(
    r"(?P<year>(?:20)?\d{2})?\s*年?\s*[-/ ]?\s*(?:[Qq]\s*(?P<q>\d)|第?\s*(?P<n>[1-9一二三四五六七八九])\s*(?:个)?季度?)"
)
_LAST = re.compile(r"上(?:一|个|一个)?季度?")
_THIS = re.compile(r"[本这]个?季度?")


@dataclass(frozen=True, order=True)
class Quarter:
    year: int
    number: int  # 1–4

    @property
    def begins(self) -> datetime:
        return datetime(self.year, 3 * self.number - 2, 1, tzinfo=_LOCAL)

    @property
    def ends(self) -> datetime:
        """The first moment that no longer belongs to it."""
        return self.next.begins

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year, self.number + 1) if self.number < 4 else Quarter(self.year + 1, 1)

    @property
    def before(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


def quarter_at(moment: datetime | date) -> Quarter:
    day = moment.astimezone(_LOCAL).date() if isinstance(moment, datetime) else moment
    return Quarter(day.year, (day.month + 2) // 3)


def quarter_in(text: str, now: datetime) -> tuple[Quarter | None, str]:
    """The quarter that was named (None for none), and the text without it. Raises ValueError for a fifth quarter and the like."""
    this = quarter_at(now)
    for words, meant in ((_LAST, this.before), (_THIS, this)):
        if words.search(text):
            return meant, words.sub(" ", text, count=1).strip()
    match = _NAMED.search(text)
    if match is None:
        return None, text.strip()
    number = int(match["q"] or _FIGURES.get(match["n"], 0) or (match["n"] if match["n"].isdigit() else 9))
    year = int(match["year"] or this.year)
    if not 1 <= number <= 4:
        raise ValueError(f"there is no quarter {number}")
    rest = text[: match.start()] + " " + text[match.end() :]
    return Quarter(year if year >= 100 else 2000 + year, number), rest.strip()
