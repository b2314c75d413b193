"""Which homes a sentence names, as they are told outside (domain reference 6.2 and 7.4): 3-2-501, A-1203, 501.

A building by itself is a place and no home, unless all its homes are meant.
A lone number is a home where a home is likely to be spoken of and the number stands like one.
"""

import re
from collections.abc import Collection

from bot.understanding import Context
from bot.understanding.normalise import corrected, fold, standard
from handlers.told_amounts import spoken_sums
from models.estate.addresses import Address, find_addresses
from models.estate.misheard import as_meant

_DIGIT = r"[\d零〇一二两三四五六七八九十]"
_PLACE = r"(?<![\d-])(?:[\dA-Z]{1,2}(?:号楼|[栋幢座])(?:的?,?\d{1,2}(?:单元|门(?:洞|儿)?))?|\d{1,2}单元)"
_WAY = (
    r"(?:[,，的了 ]|那[边个户]|疙瘩|一?[户家]|门牌|房号|房间|号码?|就?是|写着?|我|最?顶[上楼层]|[东西南北中][头户边]?|对门|[左右]手边"
    r"|最里头|\d{1,2}[楼层]|[一二三四五六七八九十]+[楼层]|牌子上|姓[^,，\d]|[老小][^,，\d]家|在|复式)"
)
_LOOSELY = tuple(
    (re.compile(pattern), meant)
    for pattern, meant in (
        (r"(?<=[A-Za-z]{2}) +(?=[\dA-Z])|(?<=\d)\.$", ","),  # my room is 2-1-1906.
        (r"·", ""),
        (r"(\d{3,4})室?[（(]([^（）()]{2,8})[）)]", r"\2\1"),
        (
            r"(?<!\d)(\d{1,2}|[一二三四五六七八九十廿]{1,3})号(?:里|门牌),?(?:[\d一二三四五六七八九]楼,?)?(?=[\d零一二三四五六七八九]{3})",
            r"\1号楼",
        ),
        (r"(?<!\d)(\d{1,2})/(\d)/(\d{3,4})(?!\d)", r"\1-\2-\3"),
        (rf"(?<=[栋楼])({_DIGIT})门(?:儿|洞)?(?={_DIGIT}|[,，])", r"\1单元"),
        (rf"(?<=[栋楼])[,，]?[东西南北]头(?={_DIGIT})", ""),
        (r"(?<=\d)[:：](?!\d)|(?<!\d)[:：](?=[\dA-Z])|(?<=\d{3})[:：](?=\d)", ","),
        (r"(?<![\d#])(\d{1,2})#楼?(?=\d)", r"\1栋"),
        (r"(?<=\d{3})(?=[一二两三四五六七八九十]+(?:个|块|元|百|千|季|天|年|月|次|把|盏))", ","),
        (r"(?<=\d{3}) +(?=[第\d一二三四五六七八九])|(?<=\d) +(?=[一二三四五六七八九十])", ","),
        (r"(?<=[元栋座])([1-9]\d?)[楼层](\d)(?:号|室)(?!楼)", r"\g<1>0\2"),
        (r"(?:^|(?<=[,，是住在定绑查]))(\d{1,2})号,?(?=\d{3,4}(?!\d))", r"\1栋"),
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
    r"|那套|这套|阿姨|大[爷妈]|现金|转|昨天|今天|上个?月|这|不是|已经?|到底|读数|没人|缴费|[去今]年|近?三年|空|能|上(?!个?月)|[啊呀吧哈嘛呢]|[,，。、 ])"
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
            "confirm",
        ),
    )
)
_BY_ITS_DOOR = frozenset({"deny", "confirm"})
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
    r"\s*(?:室|的|家|这户|那户|户|业主|阿姨|大[爷妈]|孩子|厨房|卫生间|客厅|那[个单]|为|有没有|投|修|报|缴费|[去今]年|近?三年|老|女|的水|天天|每天|整夜|养|又在|日租|搬家|白交|欠\d)"
)
_A_HOME_BEFORE = re.compile(r"(?:家|我们?|住|业主|隔壁|楼[上下]|对门|门牌|房间|房号[是:：]?|的|绑到?|从|在)\s*$")
_DOOR = re.compile(r"[1-9]\d?(?:0[1-9]|1[0-2])")
_MORE_ROOMS = re.compile(r"(?<![\d.-])((?:\d{3,4}[、和,，]\s*)+)(\d{3,4})(?![\d.]|-\d|块|元|单)")
_LETTERED_DOOR = re.compile(r"(?<![A-Z\d-])([A-E])([1-9]\d?(?:0[1-9]|1[0-2]))(?!\d)")
_READ_IN_A_ROW = re.compile(r"(?<![\d.-])([1-9]\d?(?:0[1-9]|1[0-2]))室?(?:[是水电 :：,]|水表|电表)\s?\d{1,5}(?!\d)")
_READ_OFF = re.compile(r"(?<![\d-])(\d{3,4})-(\d{3,5})(?![\d-])")  # 1401-887
_LETTERED = re.compile(r"(?<![A-Z\d-])([A-E])(\d{3,4})(?!\d)")  # B302
_A_YEAR = re.compile(r"20(?:1[3-9]|2\d)")
_NO_HOME_BEFORE = re.compile(r"(?:[打拨报叫的]|显示|跳出?来?|扫码|提示|出现)\s*$")
_OF_AN_ORDER = re.compile(r"号?[那这]?个?单(?!元)")
_NO_ROOM = frozenset({"110", "119", "120", "404"})  # telephones, and what a page says that is not there
_OF_AN_ENTRANCE = ("repair_", "staff_", "poll_vote", "complaint", "manager_", "bill_")
# Of these the homes of a building may be meant all together: 「催一下6栋」, 「给3栋2单元发通知」.
_OF_A_BUILDING = frozenset(
    (
        *("manager_broadcast", "manager_dun", "manager_arrears_list", "manager_collection_rate"),
        *("manager_fee_op", "manager_poll_create", "deny", "confirm"),
    )
)
_WITHOUT_ROOM = frozenset({"provide_info", "bind_house", "deny", "unbind"})


def homes_told(intent: str, text: str, context: Context) -> list[str]:
    return [home.key() for home in _homes(intent, text, context)]


def rooms_told(intent: str, text: str, context: Context) -> set[str]:
    return {home.room for home in _homes(intent, text, context)}


def _homes(intent: str, text: str, context: Context) -> list[Address]:
    asked = context.awaiting in ("ask_house", "choose_house")
    written, spoken = mended(corrected(fold(text))), mended(corrected(standard(text)))
    if intent == "meter_reading":
        spoken = _READ_OFF.sub(r"\1,\2", spoken)
        written = spoken  # the figures of the meter follow those of the home in one breath
    lettered = _LETTERED if asked or intent in ("bind_house", "unbind") else _LETTERED_DOOR
    written = lettered.sub(r"\1-\2", written)
    found = [home for home in find_addresses(written) if _is_a_home(home, intent, asked)]
    if not all(home.room for home in found):
        better = [home for home in find_addresses(spoken) if home.room]
        found = better if len(better) >= len(found) else found
    if intent == "out_of_scope":
        return [home for home in found if home.building and home.room]
    if found or context.awaiting in _ASKING_ELSE:
        return found
    return list(_bare(intent, spoken, asked, spoken_sums(fold(text))))


def _bare(intent: str, text: str, asked: bool, sums: Collection[str]) -> list[Address]:
    """Homes told by a lone number: one, or several where books are kept."""
    if intent in ("manager_dun", "bind_house") and (several := _MORE_ROOMS.search(text)):
        rooms = re.findall(r"\d+", several.group())
        if all(_ROOM.fullmatch(room) for room in rooms):
            return [Address("", "", room) for room in rooms]
    if intent not in _OFTEN | _NOW_AND_THEN:
        return []
    if intent == "meter_reading" and (round_ := _read_in_a_row(text)):
        return round_
    likely = sorted(find_addresses(text, bare_room=True), key=lambda home: _DOOR.fullmatch(home.room) is None)
    told = [home for home in likely if _is_told(home, text, intent, asked, sums)]
    return told if intent in _BOOKS else told[:1]


def _is_told(home: Address, text: str, intent: str, asked: bool, sums: Collection[str]) -> bool:
    if home.building or home.entrance or home.kind != "home":
        return _is_a_home(home, intent, asked)
    stands = _ROOM.fullmatch(home.room) is not None and _stands_like_a_room(home.room, text, intent)
    return stands and home.room not in sums


def _read_in_a_row(text: str) -> list[Address]:
    """101是33,102是78: several homes, each with what its meter shows."""
    rooms = _READ_IN_A_ROW.findall(text)
    return [Address("", "", room) for room in rooms] if len(rooms) > 1 else []


def mended(text: str) -> str:
    """What was heard is put right, and slashes, colons and the way to the door are read as what they stand for."""
    text = as_meant(text)
    for pattern, meant in _LOOSELY:
        text = pattern.sub(meant, text)
    return text


def _is_a_home(home: Address, intent: str, asked: bool) -> bool:
    """A building by itself is a place and no home, unless somebody was asked for his home; so is a storey of a car park."""
    if home.kind == "parking":
        return len(home.room) > 4
    whole = bool(home.building and home.entrance) and (intent in _WITHOUT_ROOM or intent.startswith(_OF_AN_ENTRANCE))
    all_of_it = asked or intent in _OF_A_BUILDING
    return bool(home.room) or whole or (all_of_it and bool(home.building))


def _stands_like_a_room(room: str, text: str, intent: str) -> bool:
    before, _, after = text.partition(room)
    door = _DOOR.fullmatch(room) is not None
    if _OF_AN_ORDER.match(after) or _A_YEAR.fullmatch(room) or (room in _NO_ROOM and _NO_HOME_BEFORE.search(before)):
        return False
    if intent in _BY_ITS_DOOR or (intent == "provide_info" and door and before.endswith("是")):
        return door
    if intent in _BOOKS and door:
        return re.match(r"\s*(?:多|来)?[块元]", after) is None
    if intent in _NOW_AND_THEN:
        return door and bool(_A_HOME_FOLLOWS.match(after) or _A_HOME_BEFORE.search(before))
    if intent == "meter_reading" and (sure := _at_a_meter(door, before, after)) is not None:
        return sure
    alone = not after.strip() or _AFTER_A_ROOM.match(after) is not None or _A_HOME_BEFORE.search(before) is not None
    return not _SPOKEN_OF_MONEY.search(before) and alone


def _at_a_meter(door: bool, before: str, after: str) -> bool | None:
    """The only number is what the meter shows; of several the first is the home's, if it can be. None: nobody knows."""
    if not re.search(r"\d", before + after):
        return False
    return True if door and not re.search(r"\d", before) else None
