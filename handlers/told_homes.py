"""Which homes a sentence names, as they are told outside (domain reference 6.2 and 7.4): 3-2-501, A-1203, 501.

A building by itself is a place and no home. A lone number is a home where a home is likely to be spoken of and the number stands like one.
"""

import re
from collections.abc import Collection, Iterator

from bot.understanding import Context
from bot.understanding.normalise import corrected, fold, standard
from handlers.told_amounts import spoken_sums
from models.estate.addresses import Address, find_addresses

_DIGIT = r"[\d零〇一二两三四五六七八九十]"
_MISHEARD = tuple(
    (re.compile(pattern), meant)
    for pattern, meant in (
        (rf"(?<={_DIGIT})[冻洞动懂](?={_DIGIT}|单)", "栋"),
        (r"拐(?=[栋幢动]|号楼|单元)", "7"),
        (r"幺(?=[栋幢动]|号楼|单元)", "1"),
        (r"号[搂娄喽]", "号楼"),
        (rf"(?<={_DIGIT})单[园员圆远院]", "单元"),
        (r"(?<!\d)(\d{1,2})/(\d)/(\d{3,4})(?!\d)", r"\1-\2-\3"),
        (rf"(?<=[栋楼])({_DIGIT})门(?:儿|洞)?(?={_DIGIT}|[,，])", r"\1单元"),
        (rf"(?<=[栋楼])[,，]?[东西南北]头(?={_DIGIT})", ""),
        (r"(?<=\d)[:：](?!\d)|(?<!\d)[:：](?=[\dA-Z])|(?<=\d{3})[:：](?=\d)", ","),
        (r"(?<![\d#])(\d{1,2})#楼?(?=\d)", r"\1栋"),
        (r"(?<=\d{3})(?=[一二两三四五六七八九十]+(?:个|块|元|百|千))", ","),
        (r"(?<=\d{3}) +(?=[第\d一二三四五六七八九])", ","),
        (r"(?<=[元栋座])([1-9]\d?)[楼层](\d)(?:号|室)(?!楼)", r"\g<1>0\2"),
        (r"^(\d{1,2})号,?(?=\d{3,4}(?!\d))", r"\1栋"),
    )
)
_SPOKEN_OF_MONEY = re.compile(
    r"(?:交了?|付了?|收了?|欠|(?<!我)是|现金|涨到|扣了?|花了?|选|打|电话|没修好|单|工单|#|的是|写的?|改[成为到]|调[成到]|转|退|押|刷了?|去了|表|读数)\s*$"
)
_AFTER_A_ROOM = re.compile(
    r"\s*(?:室|的|家|这户|那户|户|补|报|收|个|多|厨|卫|水|电|交|物业|阳台|客厅|房|业主|住|欠|退|停|押金|绑|解|度|号"
    r"|那套|这套|阿姨|大[爷妈]|现金|转|昨天|今天|上个?月|这|[,，。、 ])"
)
_ROOM = re.compile(r"[1-9]\d?(?:0[1-9]|[1-3]\d)")
_ASKING_ELSE = ("ask_phone", "ask_time", "ask_location")
_OFTEN = frozenset(
    (
        *("bill_query", "pay", "receipt", "discount_query", "refund_query", "bind_house", "unbind", "meter_reading"),
        *(
            "manager_dun",
            "manager_fee_op",
            "manager_arrears_list",
            "manager_collection_rate",
            "repair_report",
            "provide_info",
        ),
    )
)
# Of these only a number that is followed like a home's: 「1102的洗碗池」.
_NOW_AND_THEN = frozenset(
    (
        *(
            "repair_status",
            "repair_urge",
            "repair_cancel",
            "repair_reschedule",
            "staff_done",
            "staff_arrive",
            "staff_accept",
        ),
        *("staff_pause", "staff_transfer", "manager_dispatch", "deny", "repair_rate", "repair_reopen", "bill_history"),
        *("bill_explain", "poll_result", "complaint"),
    )
)
_A_HOME_FOLLOWS = re.compile(
    r"\s*(?:室|的|家|这户|那户|户|业主|阿姨|大[爷妈]|孩子|厨房|卫生间|客厅|那[个单]|为|有没有|投|修|报)"
)
_A_HOME_BEFORE = re.compile(r"(?:家|我们?|住|业主|隔壁|门牌|的)\s*$")
_DOOR = re.compile(r"[1-9]\d?(?:0[1-9]|1[0-2])")
_MORE_ROOMS = re.compile(r"(?<![\d.-])((?:\d{3,4}[、和,，]\s*)+)(\d{3,4})(?![\d.]|-\d|块|元|单)")
_WITHOUT_ROOM = frozenset({"provide_info", "bind_house", "deny", "unbind"})


def homes_told(intent: str, text: str, context: Context) -> list[str]:
    return [home.key() for home in _homes(intent, text, context)]


def rooms_told(intent: str, text: str, context: Context) -> set[str]:
    return {home.room for home in _homes(intent, text, context)}


def _homes(intent: str, text: str, context: Context) -> list[Address]:
    asked = context.awaiting in ("ask_house", "choose_house")
    written, spoken = mended(corrected(fold(text))), mended(corrected(standard(text)))
    if intent == "meter_reading":
        written = spoken  # the figures of the meter follow those of the home in one breath
    found = [home for home in find_addresses(written) if _is_a_home(home, intent, asked)]
    if not all(home.room for home in found):
        better = [home for home in find_addresses(spoken) if home.room]
        found = better if len(better) >= len(found) else found
    if found or context.awaiting in _ASKING_ELSE:
        return found
    return list(_bare(intent, spoken, asked, spoken_sums(fold(text))))


def _bare(intent: str, text: str, asked: bool, sums: Collection[str]) -> Iterator[Address]:
    """Homes told by a lone number."""
    if intent in ("manager_dun", "bind_house") and (several := _MORE_ROOMS.search(text)):
        rooms = re.findall(r"\d+", several.group())
        if all(_ROOM.fullmatch(room) for room in rooms):
            yield from (Address("", "", room) for room in rooms)
            return
    if intent not in _OFTEN | _NOW_AND_THEN:
        return
    likely = sorted(find_addresses(text, bare_room=True), key=lambda home: _DOOR.fullmatch(home.room) is None)
    for home in likely:
        if home.building or home.entrance or home.kind != "home":
            if _is_a_home(home, intent, asked):
                yield home
                return
        elif home.room not in sums and _ROOM.fullmatch(home.room) and _stands_like_a_room(home.room, text, intent):
            yield home
            return


def mended(text: str) -> str:
    """What recognition and quick fingers make of 栋, 单元 and 号楼 is put right, and slashes are the dashes they stand for."""
    for pattern, meant in _MISHEARD:
        text = pattern.sub(meant, text)
    return text


def _is_a_home(home: Address, intent: str, asked: bool) -> bool:
    """A building by itself is a place and no home, unless somebody was asked for his home; so is a storey of a car park."""
    if home.kind == "parking":
        return len(home.room) > 4
    whole = bool(home.building and home.entrance) and intent in _WITHOUT_ROOM
    return bool(home.room) or whole or asked


def _stands_like_a_room(room: str, text: str, intent: str) -> bool:
    before, _, after = text.partition(room)
    if intent in _NOW_AND_THEN:
        named = _A_HOME_FOLLOWS.match(after) or _A_HOME_BEFORE.search(before)
        return _DOOR.fullmatch(room) is not None and named is not None
    if intent == "meter_reading" and not re.search(r"\d", before + after):
        return False  # the only number is what the meter shows
    alone = not after.strip() or _AFTER_A_ROOM.match(after) is not None or _A_HOME_BEFORE.search(before) is not None
    return not _SPOKEN_OF_MONEY.search(before) and alone
