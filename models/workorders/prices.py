"""有偿服务价目 and quotes by it (domain rules 2.6): what the words of a quote come to, and whether the list covers it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import Refusal
from models.money import shown

LARGEST = 5_000_000  # fen: a repair at home for more than 50,000 yuan is a slip of the finger

# 换龙头 30, 钻孔3个 30, 钻孔x3 30元
_LINE = re.compile(
    r"(?P<words>[^\d\s,，;；、。.+x×*]+)\s*(?:[x×*]\s*(?P<times>\d{1,3})|(?P<count>\d{1,3})[个只处次米根])?"
    r"\s*(?P<yuan>\d{1,6})(?:\.(?P<fen>\d{1,2}))?(?![\d.])\s*(?:元|块钱?)?"
)
_BETWEEN = re.compile(r"[\s,，;；、。+]*")

HOW = "报价请这样说：「报价 12 换龙头 30 材料 15」，一项后面跟它的钱数。"


@dataclass(frozen=True)
class Price:
    """One line of a company's list, in fen for one `unit`; `low` and `high` are the same where the price is fixed."""

    name: str
    unit: str
    low: int
    high: int

    @property
    def words(self) -> str:
        """换龙头 20.00元到30.00元"""
        span = shown(self.low) if self.low == self.high else f"{shown(self.low)}到{shown(self.high)}"
        return f"{self.name} {span}{'' if self.unit in ('次', '项') else f'每{self.unit}'}"


@dataclass(frozen=True)
class Work:
    """One line of a quote: so much for so many of something. `why_not`: why the list does not cover it, "" when it does."""

    words: str
    fen: int
    why_not: str


def read_quote(text: str, prices: Sequence[Price]) -> tuple[Work, ...]:
    """The lines of a quote. Raises Refusal for words that are none, and for nothing or too much to pay."""
    works: list[Work] = []
    place = _BETWEEN.match(text).end()  # type: ignore[union-attr]  # matches nothing, too
    while place < len(text):
        said = _LINE.match(text, place)
        if said is None:
            raise Refusal(HOW)
        works.append(_work(said, prices))
        place = _BETWEEN.match(text, said.end()).end()  # type: ignore[union-attr]
    total = sum(work.fen for work in works)
    if not works:
        raise Refusal(HOW)
    if not total:
        raise Refusal("不收钱就不用报价，修好了直接报完工。")
    if total > LARGEST:
        raise Refusal(f"{shown(total)}太大了，请再核对一遍金额。")
    return tuple(works)


def _work(said: re.Match[str], prices: Sequence[Price]) -> Work:
    words, times = said["words"], int(said["times"] or said["count"] or 1)
    fen = int(said["yuan"]) * 100 + int((said["fen"] or "").ljust(2, "0"))
    shown_words = words if times == 1 else f"{words}×{times}"
    price = price_of(words, prices)
    if price is None:
        return Work(shown_words, fen, f"{words}不在价目表上")
    if not price.low * times <= fen <= price.high * times:
        return Work(shown_words, fen, f"{shown_words}报{shown(fen)}，价目表是{price.words}")
    return Work(shown_words, fen, "")


def price_of(words: str, prices: Sequence[Price]) -> Price | None:
    """The line of the list that is meant: by its name, or the only one whose name is part of what was said or the reverse."""
    exact = [price for price in prices if price.name == words]
    near = [price for price in prices if price.name in words or (len(words) > 1 and words in price.name)]
    found = exact or near
    return found[0] if len(found) == 1 else None


def _yuan(low: int, high: int | None = None) -> tuple[int, int]:
    return low * 100, (low if high is None else high) * 100


# What the demo company charges. A company of its own has an empty list until it imports one: then every quote is its manager's.
DEMO = tuple(
    Price(name, unit, *_yuan(*span))
    for name, unit, span in (
        ("上门检查", "次", (0, 20)),
        ("换龙头", "个", (20, 30)),
        ("换角阀", "个", (20, 30)),
        ("换软管", "根", (15,)),
        ("疏通马桶", "次", (50, 80)),
        ("疏通地漏", "次", (30, 60)),
        ("疏通洗菜池", "次", (30, 60)),
        ("换灯泡", "个", (5, 10)),
        ("换吸顶灯", "个", (30,)),
        ("换插座", "个", (15, 20)),
        ("换开关", "个", (15, 20)),
        ("换空开", "个", (30,)),
        ("换锁芯", "个", (50, 80)),
        ("安装马桶盖", "个", (30,)),
        ("钻孔", "个", (10,)),
        # At cost; what costs more than this the manager should have seen.
        ("材料", "项", (0, 200)),
    )
)
