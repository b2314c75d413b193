"""When somebody shall come, or something shall be, in the user's own words, as it is told outside (domain reference 6.2): 明天下午三点以后.

The conversation reckons with moments (bot/understanding/appointments.py); here it is the words that count, the last that was agreed to.
"""

import re
from collections.abc import Iterator

from bot.understanding.normalise import fold

_FIGURES = "零一二三四五六七八九十两"
_WEEKDAY = r"(?:(?:这|本|下下?)个?)?(?:周|星期|礼拜)(?:[一二三四五六日天末](?![共起])|(?=[上下]午|晚))"
_FEAST = r"(?:大年)?初[一二三四五六七八九十]|元旦(?:三天|放假)?|国庆|中秋|端午|清明|春节|年后|年前|节后|节前|正月十五"
_DATE = (
    rf"(?:(?:\d{{1,2}}|[{_FIGURES}]{{1,3}})月(?:\d{{1,2}}|[{_FIGURES}]{{1,3}})[日号]?"
    rf"|(?:本月|这个月|下个?月)?(?<![\d-])(?:[1-3]?\d|[{_FIGURES}]{{1,3}})[号日](?![楼栋门线梯院泵车桩单机线]|工单|子))"
)
_DAY = (
    rf"大后[天日儿]|明后[两]?天|后[天日]|后儿个?|明[天日]|明儿个?|明朝|明[早晚]|今[天日晚早朝]|今儿个?|[听聽]日|{_FEAST}|{_WEEKDAY}|{_DATE}"
    r"|周末|工作日|休息日|月底|月初|月中|年底|下个?月(?:第一个周日)?|下个?(?:周|星期|礼拜)(?![一二三四五六日天末])"
)
_PART = (
    r"大清早|清早|一大?早|早上|早晨|早起|早间|朝早|早浪向|上[午昼]|头晌|上半[天日]|中午|晌午(?:头里?)?|正午|下[午昼晌]|后晌|下半[天日]|午后|傍晚|擦黑儿?|黄昏|晚上|夜[里晚]厢?|夜间|半夜|凌晨|白天|整天|全天"
    r"|(?:晚饭|午饭|早饭|中饭|晌午饭|下班|放学|上学|下了班)[之以]?[后前]|晚(?=[七八九十六\d]|$)|早(?=[七八九十六\d])"
)
_CLOCK = (
    rf"(?:\d{{1,2}}|[{_FIGURES}]{{1,3}})(?:点钟?(?!多事|儿)|點鐘?)"
    rf"(?:半|[一三]刻|(?:[{_FIGURES}]{{2,3}}|\d\d)分?(?![{_FIGURES}\d栋号])|(?:[{_FIGURES}]|\d)分(?!钟))?钟?|(?<![\d:])\d{{1,2}}[:：][0-5]\d"
)
_BOUND = r"[之以](?:后|前|内)|后(?![天日面头晌])|前(?![面天])|左右|起(?!来)"
_ONE = rf"(?:(?:{_DAY})(?:的)?(?:{_PART})?(?:的)?(?:{_CLOCK})?|(?:{_PART})(?:的)?(?:{_CLOCK})?|(?:{_CLOCK}))"
_WHEN = re.compile(
    rf"(?:提前|推后|延后|往后|推迟|迟|晚)(?:半|[{_FIGURES}\d]+个?)(?:个?(?:小时|钟头|钟)|天|周)|(?:[半{_FIGURES}\d]+个?(?:半)?(?:小时|钟头)|[{_FIGURES}\d]+分钟)[之以]?[后内]"
    rf"|{_ONE}(?:\s*(?:[到至或~-]|或者)\s*{_ONE})?(?:{_BOUND})?"
)
_VAGUE = re.compile(r"随时|现在|马上|一会儿?|等会儿?|过两天|过几天|等哈子|尽快")
_NOT_THEN = re.compile(
    r"^[\s,，]?(?:都|我|家里|我家|可能|恐怕)?(?:不行|不得空|不方便|没空|没人|不在|来不了|有事|要去|要上班|上班|睡|的作废|的?不|勿|唔得|得去|去不)"
)
_TAKEN_BACK = re.compile(r"(?:不是|不要|别|别排|除了|除|原定|原来说?|原本|本来|约的是?|约了|说好|报的|从)$")
_AGREED = re.compile(
    r"(?:改|换|挪|推|延|订|定|约|调|推迟|错开|提前|移|放)(?:成|到|在|为|岛|去|个)?$|(?:那就|就|等|得)$"
)
_TO_COME = re.compile(
    r"来|嚟|在[家屋]|(?:我|才|都|下午)在|(?<=午)在|家里有人|休班|前修|有空|得空|上门|约|方便|行[吗不]|中不|回来|到家|再|过来|都行|都可以|去修|能修|换|师傅"
)
_PAST = re.compile(r"^(?:今[天早儿晚]|早上|早晨|半夜|夜里|凌晨|晚上|晚饭后|中午|一大?早|上午|下午|白天|清早|大清早|每)")
_NO_VISIT = re.compile(r"停[水电]|必须来|要是再|没人来|通知|说明")
_STORY = re.compile(r"了|着|一直|又|就|都|老|总")
# What recognition makes of the words of time.
_MISHEARD = tuple(
    (re.compile(pattern), meant)
    for pattern, meant in (
        (r"(?<=下)[五无物舞](?!号|点钟)", "午"),
        (r"(?<=上)[五物](?!号|个)", "午"),
        (r"(?<=早)商", "上"),
        (r"[婉完](?=上)", "晚"),
        (r"[名鸣](?=天)", "明"),
        (r"(?<=[明后今])[填田]", "天"),
        (r"(?<=[点典])版", "半"),
        (r"(?<=[一二三四五六七八九十\d])典(?=钟|半|版|$|[,，到])", "点"),
        (r"酒(?=点)", "九"),
        (r"星[其器]", "星期"),
    )
)
_CLAUSES = re.compile(r"[,，。;；!！?？\n]+")

_NEXT_DAYS = re.compile(r"今|明[天日早晚朝儿]|[听聽]")  # told as a period (told_times)
_THIS_DAY = re.compile(r"今[天日]|今儿个?")
_OF_NEWS = frozenset({"manager_broadcast", "manager_poll_create", "staff_pause", "confirm", "deny"})


def visits_told(intent: str, text: str, awaiting: str) -> list[str]:
    """At most one."""
    words = fold(text)
    for pattern, meant in _MISHEARD:
        words = pattern.sub(meant, words)
    found = _of_the_intent(intent, words, awaiting)
    if not found:
        vague = _VAGUE.search(words) if intent == "provide_info" and awaiting == "ask_time" else None
        return [vague.group()] if vague else []
    agreed = [said for at, said in found if _AGREED.search(words[:at])]
    return [agreed[-1] if agreed else found[-1 if intent == "repair_reschedule" else 0][1]]


def _of_the_intent(intent: str, words: str, awaiting: str) -> list[tuple[int, str]]:
    """The times this intent has a use for."""
    found = list(_times(words))
    if intent == "repair_report":
        return [(at, said) for at, said in found if _is_a_wish(words, said)]
    if intent == "staff_leave":
        return [(at, said) for at, said in found if not _NEXT_DAYS.match(said)]
    if intent == "repair_reschedule":
        return [(at, said) for at, said in found if not _THIS_DAY.fullmatch(said)] or found
    if intent == "provide_info":
        return found if awaiting in ("ask_time", "", "ask_location", "ask_phone") else []
    return found if intent in _OF_NEWS else []


def _times(words: str) -> Iterator[tuple[int, str]]:
    """Where each time begins that is not taken back, and its words."""
    for match in _WHEN.finditer(words):
        said = match.group().strip()
        if not _TAKEN_BACK.search(words[: match.start()]) and not _NOT_THEN.match(words[match.end() :]):
            yield match.start(), said


def _is_a_wish(words: str, said: str) -> bool:
    """Beside a fault a time may also say since when it is broken."""
    clause = next((part for part in _CLAUSES.split(words) if said in part), words)
    if not _TO_COME.search(clause) or _NO_VISIT.search(clause):
        return False
    return not _PAST.match(said) or not _STORY.search(clause)
