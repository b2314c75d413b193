"""A meaning as it is told outside: intents of the shared list (domain reference 6.1), and of the slots those an intent has a use for, by the
conventions of 6.2. Which ones people say with which intent was read off the written sentences.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from bot.understanding import Context, Meaning
from bot.understanding.normalise import corrected, fold, standard
from bot.understanding.recognise import periods
from handlers.learned import CATEGORY, FEE_ITEM, OF_A_THING, PRIORITY, answers
from handlers.phrases.coarser import COARSER
from handlers.told_numbers import amounts_told, orders_told
from handlers.told_ratings import rating_told
from models.estate.addresses import Address, find_addresses
from models.workorders.words import categories_of

_REPAIR = frozenset(
    [
        "repair_report",
        "repair_status",
        "repair_urge",
        "repair_cancel",
        "repair_reschedule",
        "repair_rate",
        "repair_reopen",
    ]
)
_WORK = frozenset(
    [
        "staff_accept",
        "staff_arrive",
        "staff_done",
        "staff_pause",
        "staff_transfer",
        "maintenance_done",
        "manager_dispatch",
        "staff_leave",
    ]
)
_DENIED = frozenset({"deny", "staff_my_tasks"})
_MONEY = frozenset(["bill_query", "bill_history", "bill_explain", "pay", "receipt", "discount_query", "refund_query"])
_BOOKS = frozenset(["manager_dun", "manager_fee_op", "manager_arrears_list", "manager_collection_rate"])
_PERIOD = _MONEY | _BOOKS | {"manager_report", "notice_list", "meter_reading", "points_query", "poll_result"}
# With which of them a day tells more than when somebody speaks.
_DAY = {
    "today": frozenset({"manager_report", "staff_leave", "staff_my_tasks", "notice_list", "meter_reading"}),
    "yesterday": frozenset({"manager_report", "repair_status", "points_query", "poll_result", "receipt", "pay"}),
    "tomorrow": frozenset({"staff_leave", "notice_list", "staff_my_tasks"}),
}
_OF_DAYS = frozenset.union(*_DAY.values())
_SPAN_TOLD = _PERIOD | {"repair_report", "equipment_query", "maintenance_done", "staff_my_tasks", "repair_status"}
_AMOUNT = _MONEY | {"manager_fee_op", "complaint", "staff_done", "manager_poll_create", "price_query", "repair_reopen"}
_PLACE = frozenset(
    ["repair_report", "complaint", "inspection_report", "manager_broadcast", "manager_dispatch", "provide_info"]
)
_TIME = frozenset(
    ["repair_report", "repair_reschedule", "staff_pause", "staff_leave", "manager_broadcast", "provide_info"]
)
_NAME = frozenset(["manager_dispatch", "staff_transfer", "staff_leave", "manager_dun", "feedback"])
_OF_A_HOME = (
    _MONEY | _BOOKS | {"bind_house", "unbind", "meter_reading", "repair_report", "provide_info"} - {"bill_explain"}
) - {"bill_explain", "bill_history"}
_SURE_OF_A_THING = -0.1  # how much must speak for a category
_NOT_TOLD = {("bill_explain", "last_month"), ("repair_report", "this_year"), ("repair_report", "this_week")}

_FEES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("物业费", r"[物误勿务]业[费废肥飞非贵钱]|物业管理费|管理费"),
        ("水费", r"水[费废飞肥钱]|水电(?!工|单|站)|(?:用|自来)水.{0,3}(?:多少钱|价)"),
        ("电费", r"(?<!充)电[费废飞肥钱](?!用)|水电(?!工|单|站)|充电费"),
        ("公摊", r"公摊|公滩|公用?摊|能耗费"),
        ("停车费", r"停车.{0,2}[费废钱]|车位.{0,2}[费钱]|泊车费|车库.{0,2}[费钱]|月卡费|停车的钱|车位管理"),
        ("垃圾费", r"垃圾.{0,3}[费钱]|清运费|卫生费"),
        ("电梯费", r"电梯.{0,3}[费钱]"),
        ("押金", r"押金|保证金|押京"),
        ("违约金", r"违约金|滞纳金|支那金|罚金|逾期费"),
        ("供暖费", r"(?:供|取|采)暖.{0,2}[费钱]|暖气.{0,2}[费钱]|热费"),
        ("维修资金", r"维修[资基]金|公维金|大修基金"),
    )
)
_SPAN = re.compile(r"(?<![\d.第])(\d{1,3})个月|(半年)|(?<!\d)(\d|一|两)年(?!级|[底前后初末来])")
_COUNT_DAYS = re.compile(r"(?<![\d第.])(\d{1,3})天")
_VOTE = re.compile(r"不同意|同意|反对|弃权|赞成|支持")
_CHOICE = re.compile(r"(?:方案|选项?|投|第|给)\s*([A-Fa-f]|\d{1,2})(?!\d)|^\s*([A-Fa-f]|\d)\s*[。!！吧]?$")
_SPOKEN_OF_MONEY = re.compile(
    r"(?:交了?|付了?|收了?|欠|是|现金|涨到|扣了?|花了?|选|打|电话|没修好|单|工单|#|的是|写的?)\s*$"
)
_AFTER_A_ROOM = re.compile(
    r"\s*(?:室|的|家|这户|那户|户|补|报|收|个|多|厨|卫|水|电|交|物业|阳台|客厅|房|业主|住|欠|退|停|押金|绑|解|度|号|[,，。 ])"
)
_DIGIT = r"[\d零〇一二两三四五六七八九十]"
_MISHEARD = tuple(
    (re.compile(pattern), meant)
    for pattern, meant in (
        (rf"(?<={_DIGIT})[冻洞动懂](?={_DIGIT}|单)", "栋"),
        (r"号[搂娄喽]", "号楼"),
        (rf"(?<={_DIGIT})单[园员圆远院]", "单元"),
        (r"(?<!\d)(\d{1,2})/(\d)/(\d{3,4})(?!\d)", r"\1-\2-\3"),
        (rf"(?<=[栋楼])({_DIGIT})门(?:儿|洞)?(?={_DIGIT}|[,，])", r"\1单元"),
        (rf"(?<=[栋楼])[,，]?[东西南北]头(?={_DIGIT})", ""),
    )
)
_METER = re.compile(r"(?<![\d.-])(\d{1,7}(?:\.\d{1,3})?)(?![\d-]|[栋楼号室单户])")


def told(meaning: Meaning, text: str, role: str, context: Context) -> dict[str, Any]:
    """intent, slots, confidence, also."""
    intent = COARSER.get(meaning.intent, meaning.intent)
    return {
        "intent": intent,
        "slots": dict(_slots(intent, meaning, text, role, context)),
        "confidence": round(meaning.confidence, 3),
        "also": [told(other, text, role, context) for other in meaning.also],
    }


def _slots(intent: str, meaning: Meaning, text: str, role: str, context: Context) -> Iterator[tuple[str, Any]]:
    words = standard(text)
    said = answers(words, role, context.awaiting)
    found: dict[str, Callable[[], list[Any]]] = {
        "category": lambda: _categories(intent, words, said[CATEGORY]),
        "fee_item": lambda: _fees(words, said[FEE_ITEM]) if intent not in _REPAIR | _WORK else [],
        "house": lambda: _houses(intent, corrected(fold(text)), context),
        "period": lambda: _periods(intent, words),
        "amount": lambda: amounts_told(meaning, words) if intent in _AMOUNT else [],
        "order_no": lambda: orders_told(intent, meaning, words, role) if intent in _REPAIR | _WORK | _DENIED else [],
        "months": lambda: _months(words) if intent in _MONEY | _BOOKS else [],
        "days": lambda: [int(days) for days in _COUNT_DAYS.findall(words)[:1]] if intent in ("staff_leave",) else [],
        "option": lambda: _options(words) if intent == "poll_vote" else [],
        "rating": lambda: _ratings(intent, meaning, text, context),
        "reading": lambda: _readings(words) if intent == "meter_reading" else [],
    }
    if intent == "repair_report":
        others = {name: much for name, much in said[PRIORITY].items() if name != "P0"}
        urgent = meaning.slots.get("priority") == "P0"
        yield "priority", "P0" if urgent else max(others, key=others.__getitem__)
    for name, look in found.items():
        values = list(dict.fromkeys(look()))
        if values:
            yield name, values[0] if len(values) == 1 else values
    for name, value in meaning.slots.items():
        if name not in found and _is_told(intent, name):
            yield name, value["text"] if isinstance(value, dict) else value


def _is_told(intent: str, name: str) -> bool:
    """Has this intent a use for a slot that the words may hold by chance? What is not listed here is always told."""
    of = {
        "location": _PLACE,
        "appointment": _TIME,
        "assignee": _NAME,
        "priority": {"manager_dispatch"},
        "phone_tail": {"provide_info", "bind_house"},
    }
    return intent in of.get(name, {intent})


def _ratings(intent: str, meaning: Meaning, text: str, context: Context) -> list[int]:
    known = meaning.slots.get("rating")
    if intent not in ("repair_rate", "repair_reopen"):
        return []
    found = rating_told(fold(text), known if isinstance(known, int) else None, awaited=intent == "repair_rate")
    return [] if found is None else [found]


def _categories(intent: str, words: str, said: Any) -> list[str]:
    if intent not in OF_A_THING:
        return []
    best = max(said, key=said.__getitem__)
    sure = sorted((name for name, much in said.items() if much > _SURE_OF_A_THING), key=lambda name: -said[name])
    named = [name for name in categories_of(words) if said.get(name, -1) > -0.5]
    return sure or named[:1] or ([best] if intent in ("repair_report", "complaint") else [])


def _fees(words: str, said: Any) -> list[str]:
    named = [name for name, pattern in _FEES if pattern.search(words)]
    return named or [name for name, much in said.items() if much > 0.2]


def _houses(intent: str, text: str, context: Context) -> list[str]:
    """Homes; a lone number is one where nothing better is named, a home is likely to be, and the number stands like one."""
    text, asked = _mended(text), context.awaiting in ("ask_house", "choose_house")
    homes = [home for home in find_addresses(text) if _is_a_home(home, asked)]
    if not homes and intent in _OF_A_HOME and context.awaiting not in ("ask_phone", "ask_time", "ask_location"):
        spoken = _mended(standard(text))
        bare = [home for home in find_addresses(spoken, bare_room=True) if _is_a_home(home, asked)]
        homes = [home for home in bare if home.building or home.entrance or _stands_like_a_room(home.room, spoken)][:1]
    return [home.key() for home in homes]


def _mended(text: str) -> str:
    """What recognition and quick fingers make of 栋, 单元 and 号楼 is put right, and slashes are the dashes they stand for."""
    for pattern, meant in _MISHEARD:
        text = pattern.sub(meant, text)
    return text


def _is_a_home(home: Address, asked: bool) -> bool:
    """A building by itself is a place and no home, unless somebody was asked for his home; so is a storey of a car park."""
    if home.kind == "parking":
        return len(home.room) > 4
    return bool(home.room or (home.building and home.entrance) or asked)


def _stands_like_a_room(room: str, text: str) -> bool:
    before, _, after = text.partition(room)
    return not _SPOKEN_OF_MONEY.search(before) and (not after.strip() or _AFTER_A_ROOM.match(after) is not None)


def _periods(intent: str, words: str) -> list[str]:
    if intent not in _SPAN_TOLD | _OF_DAYS:
        return []
    found = [one for one in _wholly(periods(words)) if one != "this_week" and (intent, one) not in _NOT_TOLD]
    return [one for one in found if intent in _DAY.get(one, _SPAN_TOLD)]


def _wholly(found: list[str]) -> list[str]:
    """去年十月 is one span, and told by its month."""
    months = [one for one in found if one.isdigit() and len(one) == 2]
    return [one for one in found if not (months and one in ("last_year", "this_year"))]


def _months(words: str) -> list[int]:
    match = _SPAN.search(words)
    if match is None:
        return []
    months, half, years = match.groups()
    return [int(months) if months else 6 if half else 12 * {"一": 1, "两": 2}.get(years, 0) or 12 * int(years)]


def _options(words: str) -> list[str]:
    if (match := _CHOICE.search(words)) is not None:
        return [(match.group(1) or match.group(2)).upper()]
    return [_VOTE.findall(words)[-1]] if _VOTE.search(words) else []


def _readings(words: str) -> list[str]:
    rest = words
    for home in find_addresses(words, bare_room=True):
        rest = re.sub(rf"\S*{re.escape(home.room)}\D?", " ", rest, count=1) if home.room else rest
    return [number for number in _METER.findall(rest) if len(number) > 1][:1]
