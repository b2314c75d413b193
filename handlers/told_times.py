"""Spans of time in a sentence, as they are told outside (domain reference 6.2): which period is meant, how many months, how many days."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from bot.understanding.numbers import spoken_integer

_DIGIT = {"一": 1, "二": 2, "两": 2, "俩": 2, "仨": 3, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_FIGURES = "一二两俩仨三四五六七八九"
_SMALL = f"[{_FIGURES}]"
_MONTHS_OF_A_YEAR = r"1[0-2]|0?[1-9]"

_YEAR_MONTH = re.compile(rf"(?<![\d.-])(20\d\d|\d\d(?=年))\s*[-年./]\s*({_MONTHS_OF_A_YEAR})(?![\d.]|-\d)月?份?")
_RUN_TOGETHER = re.compile(r"(?<![\d.-])(20[1-4]\d)(0[1-9]|1[0-2])(?![\d.-])")
_SINCE_TO = re.compile(rf"(?<![\d-])({_MONTHS_OF_A_YEAR})月?份?[到至~-]({_MONTHS_OF_A_YEAR})月(?!\d)")
# 60 一月 is a price, 一月跑十五吨 a measure.
_MONTH = re.compile(
    rf"(?<![\d.-])(?!1月(?:\d{{2,}}|[跑收交用按])|(?<=\d )1月)({_MONTHS_OF_A_YEAR})月(?!\d{{1,2}}[日号])份?"
)
_MONTHS = re.compile(
    rf"(?<![\d.-])({_MONTHS_OF_A_YEAR})月?[、,/和跟]({_MONTHS_OF_A_YEAR})(?:[、,/和跟]({_MONTHS_OF_A_YEAR}))?(?:[两三]个)?月"
)
# 三到5月, 七8月: the first is not in figures yet. 2024和2025: years without their word.
_SPOKEN_FIRST = re.compile(r"(?<![月周期第近前\d])([一二三四五六七八九])([到至]|(?=\d月))(?=\d{1,2}月)")
_YEARS = re.compile(r"(?<![\d.])20[0-4]\d年?(?:[和跟与、,，到至]20[0-4]\d年?)+(?![\d.])")
_MOST_MONTHS = 5
_IN_A_BREATH = re.compile(r"(?<!\d)([1-9]{3,4})[34]个月")  # 四五六三个月, in figures
_DATE = re.compile(rf"(?<![\d.-])({_MONTHS_OF_A_YEAR})月\d{{1,2}}[日号]")
_QUARTER = re.compile(
    r"(?:(?:20\d\d年?|[去今]年)的?)?(?:(?<![上这续每近])(?!(?<=[下了])[一1]季)第?([1-4一二三四]|头一)季度|(?:第([1-4一二三四])|(?<!每)([2-4二三四]))季(?!度)|[qQ]([1-4])(?!\d))"
)
_YEAR = re.compile(
    r"(?<![\d.])(20[1-4]\d)(?:年度?|(?=的|全|整|收缴|物业|[水电]费))(?!\d)|(?:\bof |\bin |year )(20[1-4]\d)(?!\d)"
    r"|(?<![\d.-])(2\d)年(?=全年|度|的|[水电物停垃]|收|一整年)"
)
_COMPARED = re.compile(
    r"(?:比|(?<=[份月])[跟和与])(?:起)?(?=[\d上去])\S{2,5}?(?:月份?|年)(?=.{0,4}(?:[高低贵多少差涨翻]|怎么))"
)
_NOT_MEANT = re.compile(
    r"昨[天晚]\S{0,4}[说讲](?!明)|(?:不是|不[看查要问]|不用算?|不算|除了|别给?我?[看查]|没问)(?:给我|看|查|要|问)?(?:[这本]个?月|上个?月|去年|今年|\d{1,2}月)(?:账单|的|份)*|等到(?:今年|明年)"
)
_FIRST_MONTH = re.compile(r"正月(?![初十里])")

_NAMED = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("last_month", r"(?<!上)[上山][个個]?月(?!球|底)|上只月|上个号头|[lL]ast month|(?<!提)前一个月|头个月"),
        ("this_month", r"(?:这个?|本|当|今|搿个?|[呢今迭][個个]|格个|咯个?|迭)月(?!底|末|卡|租|球|嫂)|[tT]his month"),
        ("last_year", r"去年(?!底)|旧年|舊年|(?<![\d一两])上一?年(?!级)|头年(?!级)"),
        ("this_year", r"今年|本年|从?年初[列算起到]|(?<![半上去费\d])年度"),
        ("last_3_years", r"(?:近|最近|这|过去|前)(?:的)?[3三]年|(?<![\d到欠满超过看前后])[3三]年(?:来|的(?!友))"),
        ("last_week", r"上[个個一]?(?:周|星期|[礼禮]拜)|过去(?:的|那)?一?(?:周|个?星期|个?[礼禮]拜)"),
        (
            "this_week",
            r"(?:这个?|本|呢個|呢个|搿个?|格个)(?:周(?![一二三四五六日末])|星期(?![一二三四五六日天末])|[礼禮]拜(?![一二三四五六日天]))",
        ),
        ("yesterday", r"[yY]esterday|昨日头|尋日|昨[天日晚夜儿早]|昨个|寻日|噚日|琴日|昨朝"),
        ("today", r"[tT]oday|今[天日晚早儿朝夜田]|今个儿|当天|当日"),
        ("tomorrow", r"[tT]omorrow|[明名鸣]天|明[日晚早儿朝]|明个|听日|聽日"),
    )
)


def periods_told(words: str) -> list[str]:
    """Every period that is named, in `words` (standard text): those with figures first. What is denied or only compared with is none."""
    words = _FIRST_MONTH.sub("1月", words)
    words = _SPOKEN_FIRST.sub(lambda match: str(_DIGIT[match[1]]) + (match[2] or "、"), words)
    words = _YEARS.sub(lambda match: " ".join(f"{year}年" for year in re.findall(r"\d{4}", match[0])), words)
    words = _COMPARED.sub(" ", _NOT_MEANT.sub(" ", words))
    found = list(_with_figures(words))
    named = [name for name, pattern in _NAMED if pattern.search(words)]
    if sum(len(one) == 4 for one in found) > 1:
        named = [one for one in named if one != "last_3_years"]  # 2022、2023、2024三年
    if any(len(one) == 2 for one in found):
        named = [
            one for one in named if one not in ("last_year", "this_year")
        ]  # 去年十月 and 今年一季度 are one span each, and told by month and quarter
    return list(dict.fromkeys([*found, *named]))


def _with_figures(words: str) -> Iterator[str]:
    """What one reading took, a looser one does not read again."""
    for pattern, read in _READINGS:
        for match in pattern.finditer(words):
            yield from read(match)
        words = pattern.sub(" ", words)


def _year_month(match: re.Match[str]) -> list[str]:
    year = match[1] if len(match[1]) == 4 else f"20{match[1]}"
    return [f"{year}-{int(match[2]):02d}"]


def _since_to(match: re.Match[str]) -> list[str]:
    """二月到五月 is four months; a whole year by its months is told as the year."""
    first, last = int(match[1]), int(match[2])
    if last - first >= _MOST_MONTHS and "今年" in match.string[: match.start()]:
        return ["this_year"]
    return [f"{month:02d}" for month in range(first, last + 1)] if first < last < first + 11 else []


def _quarter(match: re.Match[str]) -> list[str]:
    said = next(filter(None, match.groups()))
    return [f"Q{_DIGIT.get(said[-1]) or said}"]


def _month(match: re.Match[str]) -> list[str]:
    return [f"{int(match[1]):02d}"]


def _months(match: re.Match[str]) -> list[str]:
    """7、8两个月."""
    return [f"{int(month):02d}" for month in match.groups() if month]


def _in_a_breath(match: re.Match[str]) -> list[str]:
    months = [int(figure) for figure in match[1]]
    ascending = all(later == earlier + 1 for earlier, later in pairwise(months))
    return [f"{month:02d}" for month in months] if ascending else []


def _year(match: re.Match[str]) -> list[str]:
    return [match[1] or match[2] or f"20{match[3]}"]


_READINGS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], list[str]]], ...] = (
    (_RUN_TOGETHER, _year_month),
    (_YEAR_MONTH, _year_month),
    (_SINCE_TO, _since_to),
    (_MONTHS, _months),
    (_IN_A_BREATH, _in_a_breath),
    (_QUARTER, _quarter),
    (_DATE, _month),
    (_MONTH, _month),
    (_YEAR, _year),
)
_HALF_OR_WHOLE_YEARS = (
    rf"(?<![上下])(?P<half>半年)|(?<![\d去今明每第三])(?<![近这前过][去年])(?<!去年)(?<![近这前])(?P<years>\d|{_SMALL})(?:整)?年"
    rf"(?!级|比一年|[底前后初末来到里多]|[{_FIGURES}\d]|多少|是\d|起|收|得多|要多)"
)
_SPAN = re.compile(
    rf"(?<![\d.第])(?P<figures>\d{{1,2}})个(?:多)?月|(?<![每第几])(?P<spoken>[{_FIGURES}十])个?(?:整)?月(?![份底初末号]|\d)"
    rf"|{_HALF_OR_WHOLE_YEARS}"
)
# What a month costs or was used in it, and how long something has been waited for, is no span that is asked for.
_NOT_ASKED = re.compile(
    r"(?:钱|元|块|费|多少)一个?[年月]|一个月(?=\S{0,4}(?:\d|多少|几|才|要|是))|拖了?我?\S{1,2}个?[年月]|(?<=\d)个?月没"
)
_DAYS = re.compile(
    rf"(?<![\d.第月])(?P<figures>\d{{1,3}})\s*(?:天|日(?!期))"
    rf"|(?<![几每改前后隔上下期礼拜星周初月{_FIGURES}十])(?P<spoken>{_SMALL})(?:天|日(?!子|期|用|常))"
    rf"|(?<=[前后])(?P<both>两)[天日]|(?<![上下这那])(?P<weeks>\d|{_SMALL})(?:个?(?:星期|礼拜)|周)(?![一二三四五六日天末\d年岁])"
)
_WHICH_DAY = re.compile(r"第(\d{1,3}|[一二三四五六七八九]|[二三]?十[一二三四五六七八九]?)天")


def months_told(words: str) -> list[int]:
    """How many months the first span has that is named: 三个月, 半年, 两年."""
    match = _SPAN.search(_NOT_ASKED.sub(" ", words))
    if match is None:
        return []
    if match["half"]:
        return [6]
    if match["years"]:
        return [12 * _value(match["years"])]
    return [_value(match["figures"] or match["spoken"])]


def days_told(words: str) -> list[int]:
    """How many days: 三天, 两日, 一个星期; of a row of days the last, 第12天."""
    if which := _WHICH_DAY.search(words):
        value = spoken_integer(which[1])
        return [] if value is None else [value]
    match = _DAYS.search(words)
    if match is None:
        return []
    if match["weeks"]:
        return [7 * _value(match["weeks"])]
    return [_value(match["figures"] or match["spoken"] or match["both"])]


def _value(figure: str) -> int:
    return 10 if figure == "十" else _DIGIT.get(figure) or int(figure)
