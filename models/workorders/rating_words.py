"""How many stars somebody means: 五星, 很好, 两分, 不满意, 凑合, 「5分，师傅不错」 (domain rules 2.7 and 6.3).

Only what is clear is taken. Praise and blame in one breath (「手艺不错，就是太慢」), two numbers (「三四分」) or an empty word (「好」)
may mean anything: then nothing is guessed and the person is asked once.
"""

import re
from dataclasses import dataclass

WORST, POOR, FAIR, GOOD, BEST = 1, 2, 3, 4, 5

_FIGURES = {"一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "四": 4, "五": 5}
_FIGURE = "[1-5一二两俩三四五]"
# A number that can only be a rating, because its unit is said: 5分, 两颗星, 三星. Not 5分钟, 十分, 百分之, 4.5分.
_STARS = re.compile(rf"(?<![\d.\-~到至十百千第几])({_FIGURE})\s*(?:颗?星|分)(?![钟之半])")
# A bare number at the beginning, the answer to 「1到5」: 「5」, 「5，师傅不错」, 「五」. Not 5号楼, 5-6, 501.
_BARE = re.compile(rf"\s*({_FIGURE})(?:\s*$|\s*[,，。.!！~～;；:：、]+(?!\d)|\s+(?!\d))")
_FULL = re.compile(r"满分|(?:100|一百|百)分(?!之)|十分(?=$|[,，。!！])|10分(?!钟)")
_NONE = re.compile(r"(?<![\d.])[0零〇]\s*(?:颗?星|分)(?!钟)|负分|一分(?:都|也)不")
# More than one number, half a star, or out of ten: what was meant has to be asked.
_UNCLEAR = re.compile(
    rf"\d\.\d\s*[星分]|(?<![\d#])(?:{_FIGURE}\s*[-~到至、或]\s*{_FIGURE}|{_FIGURE}{_FIGURE})\s*(?:颗?星|分)|[6-9六七八九]\s*(?:颗?星|分)(?!钟)"
)

# Looked for in this order, and what was found is taken out: 不满意 is gone before 满意 is looked for.
_VERDICTS = (
    ("?", re.compile(r"不能说不[好行]|说不上来|说不清|不好说|好坏都有|有好有坏")),
    (GOOD, re.compile(r"没(?:有|什么)?(?:可|啥)?不满意?的?|不差(?!钱)|不赖|没毛病|挑不出(?:什么)?毛病|没啥(?:可)?说的|没得挑")),
    (BEST, re.compile(r"没得说|没话说|没的说|无可挑剔")),
    (POOR, re.compile(
        r"(?:不是|不算|谈不上|称不上|说不上|算不上|没有?)(?:很|太|特别|非常|十分|那么|多)?满意|"
        r"不是(?:很|太|特别|那么)好"
    )),
    (WORST, re.compile(
        r"(?:非常|很|太|极|真|特别|相当)(?:不满意?|差|烂|糟|次)|差劲|差评|垃圾|糟糕|一塌糊涂|糊弄|太坑|坑人|恶劣|烂透"
    )),
    (POOR, re.compile(
        r"不(?:大|太|怎么|够)?满意?|不怎么样|不咋[样地的]|不[太大]好|不太行|不行|(?:有点|比较|服务|态度|手艺|技术)差|^差$|不好|失望|敷衍"
    )),
    (FAIR, re.compile(
        r"一般般?|凑合|马马虎虎|还可以吧|还行吧|中等|中评|普通|将就|就那样|勉勉强强|勉强|过得去|马虎"
    )),
    (BEST, re.compile(
        r"(?:非常|很|特别|十分|相当|超级|太|蛮)(?:满意|好|棒|赞|不错|负责|专业)|好评|好得很|真好|满意得很|"
        r"棒|完美|赞|优秀|巴适|杠杠"
    )),
    (GOOD, re.compile(r"比较满意|满意(?!度)|不错|[挺还蛮]好|(?:手艺|服务|态度|技术|师傅|人)好|还可以|还行|得劲|过关")),
)  # fmt: skip
# What people grumble about without a verdict: alone it is a question, beside praise it takes the praise back a little.
_GRUMBLE = re.compile(
    r"(?:太|很|有点|来得|修得|等得|就是|动作)慢|(?:太|来得|来的)晚|太贵|就是贵|贵了|弄脏|很脏|没擦|没收拾|太久|半天|气死|态度"
)
# Without a question about it, an opinion is one of the repair only when it says so.
_ABOUT = re.compile(r"评价|打分|评分|星|分|满意|好评|差评|中评")
# Words that say yes to anything: an answer to 「修得怎么样？」, but not how many stars.
_EMPTY = re.compile(r"\s*(?:好|行|可以|嗯+|中|要得|成|ok|OK|可|好吧|行吧)[吧呀啊了哦的]?[。.!！~～]*\s*")


@dataclass(frozen=True)
class Verdict:
    """`stars` 1–5, None when none can be taken from the words; `doubtful`: it is an opinion, but how many stars must be asked."""

    stars: int | None = None
    doubtful: bool = False


_SILENT = Verdict()
_DOUBTFUL = Verdict(doubtful=True)


def verdict_of(text: str, *, awaited: bool) -> Verdict:
    """What somebody thinks of the work. A bare number and an empty 「好」 only count while a rating is awaited."""
    if not awaited and not _ABOUT.search(text):
        return _SILENT
    if _UNCLEAR.search(text):
        return _DOUBTFUL
    number = _number_in(text, awaited)
    words = _opinions_in(text)
    if number is not None:
        return _DOUBTFUL if _contradicts(number, words) else Verdict(number)
    grumbles = bool(_GRUMBLE.search(text))
    if not words:
        return _DOUBTFUL if grumbles or (awaited and _EMPTY.fullmatch(text)) else _SILENT
    if "?" in words or len({_side(one) for one in words}) > 1 or (grumbles and max(map(_side, words)) > 0):
        return _DOUBTFUL
    return Verdict(_strongest([one for one in words if isinstance(one, int)]))


def _number_in(text: str, awaited: bool) -> int | None:
    if _NONE.search(text):
        return WORST
    if _FULL.search(text):
        return BEST
    match = _STARS.search(text) or (_BARE.match(text) if awaited else None)
    if match is None:
        return None
    return _FIGURES.get(match[1]) or int(match[1])


def _opinions_in(text: str) -> list[int | str]:
    found: list[int | str] = []
    for stars, words in _VERDICTS:
        text, times = words.subn(" ", text)
        found += [stars] * min(times, 1)
    return found


def _side(opinion: int | str) -> int:
    """Blame is below zero, 「一般」 is zero, praise above."""
    return 0 if isinstance(opinion, str) or opinion == FAIR else (1 if opinion > FAIR else -1)


def _strongest(stars: list[int]) -> int:
    """「满意，非常满意」 is five, 「不满意，太差了」 is one."""
    return max(stars, key=lambda one: abs(one - FAIR))


def _contradicts(number: int, words: list[int | str]) -> bool:
    """「1分，非常满意」: many think that one is best. 「5分，太差了」 was a slip."""
    sides = {_side(one) for one in words if isinstance(one, int)}
    return (number <= POOR and sides == {1}) or (number >= GOOD and WORST in words)
