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
_PLACE = r"(?<![\d-])(?:[\dA-Z]{1,2}(?:号楼|[栋幢座])(?:的?,?\d{1,2}(?:单元|门(?:洞|儿)?))?|\d{1,2}单元)"
_WAY = (
    r"(?:[,，的了 ]|那[边个户]|疙瘩|一?[户家]|门牌|房号|房间|号码?|就?是|写着?|我|最?顶[上楼层]|[东西南北中][头户边]?|对门|[左右]手边"
    r"|最里头|\d{1,2}[楼层]|[一二三四五六七八九十]+[楼层]|牌子上|姓[^,，\d]|[老小][^,，\d]家|在|复式)"
)
_MISHEARD = tuple(
    (re.compile(pattern), meant)
    for pattern, meant in (
        (r"樓", "楼"),
        (r"號", "号"),
        (rf"(?<={_DIGIT})[冻洞动懂](?={_DIGIT}|单)", "栋"),
        (rf"(?<={_DIGIT})[东动洞栋]({_DIGIT})[员园圆](?={_DIGIT})", r"栋\1单元"),
        (rf"(?<![A-Z])([A-Z])[坐做](?={_DIGIT})", r"\1座"),
        (r"[两俩](?=[栋幢座]|单元)", "2"),
        (r"仨(?=单元)", "3"),
        (r"(?<=[零〇洞幺0])仨|仨(?=[零〇洞0])", "三"),
        (r"廿(?=[一二三四五六七八九]?(?:号楼|[栋幢座楼]))", "二十"),
        (r"拾(?=号楼|[栋幢座])", "十"),
        (r"(?<=[栋座幢元])十([一二三四五六七八九]?)零([一二三四五六七八九])", r"1\g<1>0\2"),
        (r"拐(?=[栋幢动]|号楼|单元)", "7"),
        (r"幺(?=[栋幢动]|号楼|单元)", "1"),
        (r"号[搂娄喽]", "号楼"),
        (rf"(?<={_DIGIT})单[园员圆远院]", "单元"),
        (r"(?<!\d)(\d{1,2})/(\d)/(\d{3,4})(?!\d)", r"\1-\2-\3"),
        (rf"(?<=[栋楼])({_DIGIT})门(?:儿|洞)?(?={_DIGIT}|[,，])", r"\1单元"),
        (rf"(?<=[栋楼])[,，]?[东西南北]头(?={_DIGIT})", ""),
        (r"(?<=\d)[:：](?!\d)|(?<!\d)[:：](?=[\dA-Z])|(?<=\d{3})[:：](?=\d)", ","),
        (r"(?<![\d#])(\d{1,2})#楼?(?=\d)", r"\1栋"),
        (r"(?<=\d{3})(?=[一二两三四五六七八九十]+(?:个|块|元|百|千|季|天|年|次|把|盏))", ","),
        (r"(?<=\d{3}) +(?=[第\d一二三四五六七八九])", ","),
        (r"(?<=[元栋座])([1-9]\d?)[楼层](\d)(?:号|室)(?!楼)", r"\g<1>0\2"),
        (r"(?:^|(?<=[,，是住在]))(\d{1,2})号,?(?=\d{3,4}(?!\d))", r"\1栋"),
        (r"(?<!\d)(\d{1,2})号门(?=\d{3,4}(?!\d))", r"\1单元"),
        (r"(?<![\dA-Z位-])(B[1-4]-\d{2,3})(?![\d-])", r"车位\1"),
        # 三号楼二单元四楼东头那户,四零一: what tells the way to the door stands between the parts.
        (rf"({_PLACE})(?:{_WAY})+(?=\d{{3,4}}(?![\d.:：]|[块元度]))", r"\1"),
    )
)
_SPOKEN_OF_MONEY = re.compile(
    r"(?:交了?|付了?|收了?|欠|(?<![我就])是|现金|涨到|扣了?|花了?|选|打|电话|没修好|单|工单|#|的是|写的?|改[成为到]|调[成到]|转|退|押|刷了?|去了|表|读数)\s*$"
)
_AFTER_A_ROOM = re.compile(
    r"\s*(?:室|的|家|这户|那户|户|补|报|收|个|多|厨|卫|水|电|交|物业|阳台|客厅|房|业主|住|欠|退|停|押金|绑|解|度|号"
    r"|那套|这套|阿姨|大[爷妈]|现金|转|昨天|今天|上个?月|这|不是|已经?|到底|读数|没人|[,，。、 ])"
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
            "deny",
        ),
    )
)
_BOOKS = frozenset({"manager_fee_op", "manager_dun"})
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
        *("staff_pause", "staff_transfer", "manager_dispatch", "repair_rate", "repair_reopen", "bill_history"),
        *("bill_explain", "poll_result", "complaint"),
    )
)
_A_HOME_FOLLOWS = re.compile(
    r"\s*(?:室|的|家|这户|那户|户|业主|阿姨|大[爷妈]|孩子|厨房|卫生间|客厅|那[个单]|为|有没有|投|修|报)"
)
_A_HOME_BEFORE = re.compile(r"(?:家|我们?|住|业主|隔壁|楼[上下]|对门|门牌|房号[是:：]?|的)\s*$")
_DOOR = re.compile(r"[1-9]\d?(?:0[1-9]|1[0-2])")
_MORE_ROOMS = re.compile(r"(?<![\d.-])((?:\d{3,4}[、和,，]\s*)+)(\d{3,4})(?![\d.]|-\d|块|元|单)")
_LETTERED = re.compile(r"(?<![A-Z\d-])([A-E])(\d{3,4})(?!\d)")  # B302
_NO_ROOM = frozenset({"110", "119", "120", "404"})  # telephones, and what a page says that is not there
_OF_AN_ENTRANCE = ("repair_", "staff_", "poll_vote")
_WITHOUT_ROOM = frozenset({"provide_info", "bind_house", "deny", "unbind"})


def homes_told(intent: str, text: str, context: Context) -> list[str]:
    return [home.key() for home in _homes(intent, text, context)]


def rooms_told(intent: str, text: str, context: Context) -> set[str]:
    return {home.room for home in _homes(intent, text, context)}


def _homes(intent: str, text: str, context: Context) -> list[Address]:
    if intent == "out_of_scope":
        return []
    asked = context.awaiting in ("ask_house", "choose_house")
    written, spoken = mended(corrected(fold(text))), mended(corrected(standard(text)))
    if intent == "meter_reading":
        written = spoken  # the figures of the meter follow those of the home in one breath
    if asked or intent == "bind_house":
        written = _LETTERED.sub(r"\1-\2", written)
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
    whole = bool(home.building and home.entrance) and (intent in _WITHOUT_ROOM or intent.startswith(_OF_AN_ENTRANCE))
    return bool(home.room) or whole or (asked and bool(home.building))


def _stands_like_a_room(room: str, text: str, intent: str) -> bool:
    if room in _NO_ROOM:
        return False
    before, _, after = text.partition(room)
    if intent in _BOOKS and _DOOR.fullmatch(room):
        return re.match(r"\s*(?:多|来)?[块元]", after) is None
    if intent in _NOW_AND_THEN:
        named = _A_HOME_FOLLOWS.match(after) or _A_HOME_BEFORE.search(before)
        return _DOOR.fullmatch(room) is not None and named is not None
    if intent == "meter_reading" and not re.search(r"\d", before + after):
        return False  # the only number is what the meter shows
    if intent == "meter_reading" and _DOOR.fullmatch(room) and not re.search(r"\d", before):
        return True
    if intent == "deny" and not _DOOR.fullmatch(room):
        return False
    alone = not after.strip() or _AFTER_A_ROOM.match(after) is not None or _A_HOME_BEFORE.search(before) is not None
    return not _SPOKEN_OF_MONEY.search(before) and alone
