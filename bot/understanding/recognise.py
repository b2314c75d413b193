"""Slots that mean the same in any business: numbers of orders, ratings, choices, periods, amounts, telephone numbers, names."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.understanding.appointments import appointment_in
from bot.understanding.meaning import Context
from bot.understanding.numbers import amount_in, spoken_integer
from bot.understanding.spec import Recogniser


@dataclass(frozen=True)
class Found:
    """A recogniser made of a plain function."""

    name: str
    look: Callable[[str, Context], object | None]

    def find(self, text: str, role: str, context: Context) -> object | None:
        return self.look(text, context)


_ORDER = re.compile(
    r"#\s*(\d{1,9})"
    r"|(?<![\d-])(\d{1,9})号?(?:工单|报修单|单子|单)(?!元)"
    r"|(?:工单|报修单|单子|单号|编号|接单|完工|到场|退单|转单)[是为第]?\s*(\d{1,9})(?![\d-])"
    r"|(?:接|完成|派|催|转)(?:一下)?(\d{1,9})号(?!楼|门|院|栋)"
)


def order_no(text: str, context: Context) -> int | None:
    """#12, 12号单, 工单12."""
    match = _ORDER.search(text)
    return int(next(group for group in match.groups() if group)) if match else None


# Best first within a line of sight: 不满意 must be seen before 满意, 不太好 before 好.
_RATINGS = (
    (re.compile(r"非常差|太差|很差|极差|差劲|差评|垃圾|气死|糟糕|一塌糊涂|非常不满|很不满|极不满"), 1),
    (re.compile(r"不满意|不太满意|不怎么样|不太好|不大好|不行|有点差|比较差|不好"), 2),
    (re.compile(r"一般|凑合|马马虎虎|还可以吧|中等|普通|将就|就那样"), 3),
    (
        re.compile(
            r"非常满意|很满意|特别满意|十分满意|满分|好评|非常好|特别好|太好了|很好|棒|完美|点赞|没得说|巴适|满意得很"
        ),
        5,
    ),
    (re.compile(r"比较满意|还不错|不错|挺好|可以|还行|满意|蛮好"), 4),
)
_STARS = re.compile(r"(?<!\d)([1-5])\s*(?:颗?星|分(?!钟))")
_ABOUT_A_RATING = re.compile(r"评价|打分|评分|星|分|满意|好评|差评")


def rating(text: str, context: Context) -> int | None:
    """1–5 in figures or in words. Praise and blame count only when a rating is expected or spoken of."""
    if match := _STARS.search(text):
        return int(match.group(1))
    awaited = context.awaiting == "awaiting_rating"
    if awaited and (match := re.match(r"\s*([1-5])(?![\d-])", text)):
        return int(match.group(1))
    if not awaited and not _ABOUT_A_RATING.search(text):
        return None
    return next((stars for words, stars in _RATINGS if words.search(text)), None)


_CHOICE = re.compile(r"(?:第|选|我选|就选)?\s*([1-9]\d?|[一二三四五六七八九])\s*(?:个|项|号|吧|、|\.)?(?:吧|呀|啊)?")


def choice(text: str, context: Context) -> int | None:
    """A message that is nothing but the number of a choice: 2, 第二个, 选2."""
    match = _CHOICE.fullmatch(text.strip(" 。.!！"))
    return spoken_integer(match.group(1)) if match else None


_YES = re.compile(
    r"(?:是的?|对的?|嗯+|好的?|行|可以|确认|没错|同意|要的?|发吧|发布|确定|ok|yes|中|要得|得|对头|没问题|就这样|好嘞|成)"
    r"(?:[呀啊哦吧呢嘞哈了滴]|的)*",
    re.IGNORECASE,
)
_NO = re.compile(
    r"(?:不是|不对|不要|不用|不行|不|否|算了|别发?|没有|错了|先不|不同意|no|不发|等等|不需要|弄错了|搞错了)(?:[呀啊哦吧呢哈了的])*",
    re.IGNORECASE,
)


def answer(text: str, context: Context) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything longer."""
    words = [word for word in re.split(r"[\s,，。.!！~]+", text) if word]
    if not words or len(words) > 3:
        return None
    if all(_YES.fullmatch(word) for word in words):
        return True
    return False if all(_NO.fullmatch(word) for word in words) else None


def amount(text: str, context: Context) -> str | None:
    """Money in yuan as a decimal number in a string."""
    value = amount_in(text)
    return None if value is None else format(value.normalize(), "f")


_PERIODS = (
    (re.compile(r"上个?月|上月"), "last_month"),
    (re.compile(r"这个?月|本月|当月"), "this_month"),
    (re.compile(r"去年|上一?年"), "last_year"),
    (re.compile(r"今年|本年"), "this_year"),
    (re.compile(r"(?:近|最近|这|过去)[3三]年"), "last_3_years"),
    (re.compile(r"上个?(?:周|星期|礼拜)"), "last_week"),
    (re.compile(r"这个?(?:周|星期|礼拜)|本周"), "this_week"),
    (re.compile(r"昨[天日晚]"), "yesterday"),
    (re.compile(r"今[天日晚]"), "today"),
    (re.compile(r"明[天日晚]"), "tomorrow"),
)
_YEAR_MONTH = re.compile(r"(20\d{2}|\d{2}(?=年))\s*[-年./]\s*(1[0-2]|0?[1-9])(?!\d|[-./]\d)月?")
_QUARTER = re.compile(r"第?([1-4一二三四])季度")
_MONTH = re.compile(r"(?<![\d-])(1[0-2]|0?[1-9])月(?!\d)")
_YEAR = re.compile(r"(20\d{2})年")


def period(text: str, context: Context) -> str | None:
    """YYYY-MM, MM, YYYY, Qn, or this_month, last_year, yesterday, …"""
    if match := _YEAR_MONTH.search(text):
        year = match.group(1) if len(match.group(1)) == 4 else "20" + match.group(1)
        return f"{year}-{int(match.group(2)):02d}"
    if match := _QUARTER.search(text):
        return f"Q{spoken_integer(match.group(1))}"
    if match := _MONTH.search(text):
        return f"{int(match.group(1)):02d}"
    if match := _YEAR.search(text):
        return match.group(1)
    return next((name for words, name in _PERIODS if words.search(text)), None)


def periods(text: str) -> list[str]:
    """Every span of time that is named, in the order of `period`'s readings; what one reading took, another does not read again."""
    found: list[str] = []
    for pattern, name in ((_YEAR_MONTH, "-"), (_QUARTER, "Q"), (_MONTH, ""), (_YEAR, "")):
        for match in pattern.finditer(text):
            said = period(match.group(), Context())
            found.append(said or f"{name}{match.group(1)}")
        text = pattern.sub(" ", text)
    return [*found, *(name for words, name in _PERIODS if words.search(text))]


_PHONE = re.compile(r"(?<!\d)(1[3-9]\d{9})(?!\d)")
_TAIL = re.compile(r"(?:尾号|后四位|后4位|末四位|末4位)\D{0,6}(\d{4})(?!\d)")


def phone(text: str, context: Context) -> str | None:
    """A whole mobile number."""
    match = _PHONE.search(re.sub(r"(?<=\d)[ -](?=\d{4})", "", text))
    return match.group(1) if match else None


def phone_tail(text: str, context: Context) -> str | None:
    """The last four digits of a telephone number: 尾号1234, or the bare figures when they were asked for."""
    if match := _TAIL.search(text):
        return match.group(1)
    if context.awaiting == "ask_phone" and (match := re.search(r"(?<!\d)(\d{4})(?!\d)", text)):
        return match.group(1)
    whole = phone(text, context)
    return whole[-4:] if whole else None


_ASSIGNEE = re.compile(
    r"(?:转给|派给|交给|让给|安排给|指派给|分给|改派给?|换给|派|安排|让|叫)\s*(?:一下)?"
    r"([\u4e00-\u9fff]{1,3}?(?:师傅|工|电工|水工)|老[\u4e00-\u9fff]|小[\u4e00-\u9fff](?!区|时)|[\u4e00-\u9fff]{2,3}(?=$|[,，。!！吧去来]))"
)
_GIVEN_TO = re.compile(
    r"(?:转给|派给|交给|让给|安排给|指派给|分给|改派给?|换给)\s*([\u4e00-\u9fff]{2,4}?)(?=$|[,，。!！吧去来处,\s])"
)
_NOBODY = frozenset({"师傅", "别人", "别的", "其他人", "人", "下一个"})


def assignee(text: str, context: Context) -> str | None:
    """Who shall have the work: the name after 转给, 派给, 让."""
    match = _GIVEN_TO.search(text) or _ASSIGNEE.search(text)
    if match is None or match.group(1) in _NOBODY:
        return None
    return match.group(1)


def appointment(text: str, context: Context) -> dict[str, str] | None:
    """When somebody should come: {"text", "from"?, "until"?}, the moments in ISO form when the context knows the time."""
    return appointment_in(text, context.now)


_READING = re.compile(r"(?:读数|表数|表是|表底|走到|抄了?|[水电气]表)\D{0,4}(\d{1,8}(?:\.\d+)?)(?![\d-])")


def reading(text: str, context: Context) -> str | None:
    """What a meter shows, as written."""
    match = _READING.search(text)
    return match.group(1) if match else None


_OPTION = re.compile(
    r"(?:投票?|选|投给|支持)(?:第)?([A-Fa-f1-9一二三四五六]|同意|反对|弃权)(?:号|项|个)?(?!\d)|^(同意|反对|弃权|[A-Fa-f])[。!！]?$"
)


def option(text: str, context: Context) -> str | None:
    """Which option of a poll: a letter, a number, or 同意, 反对, 弃权."""
    match = _OPTION.search(text)
    if match is None:
        return None
    said = (match.group(1) or match.group(2)).upper()
    number = spoken_integer(said)
    return said if number is None else str(number)


_PRIORITY = re.compile(r"(?<![A-Za-z])[Pp]\s*([0-3])(?!\d)")


def priority(text: str, context: Context) -> str | None:
    """P0–P3 when somebody names it."""
    match = _PRIORITY.search(text)
    return f"P{match.group(1)}" if match else None


GENERIC: tuple[Recogniser, ...] = (
    Found("order_no", order_no),
    Found("rating", rating),
    Found("choice", choice),
    Found("answer", answer),
    Found("amount", amount),
    Found("period", period),
    Found("phone", phone),
    Found("phone_tail", phone_tail),
    Found("assignee", assignee),
    Found("appointment", appointment),
    Found("reading", reading),
    Found("option", option),
    Found("priority", priority),
)
