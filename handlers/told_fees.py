"""Which fees a sentence names, as they are told outside (domain reference 1.2 and 6.2)."""

import re
from collections.abc import Mapping

_FEES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        # 车位管理费 is a parking fee, 装修管理费 a fee of its own.
        (
            "物业费",
            r"[物误勿]业(?:[费废肥飞非贵钱]|fee|要?(?:拿|交)?多少钱|(?=[、加和跟][水电垃停公]))|物业管理费|物业服务费|物管?费|租管费|物业(?=减免|收据|发票|能不能(?!管)|收缴|收了|总额|缴费|减|停费|[加跟和]|都交|\d{3})"
            r"|[交缴付查欠](?:了|过|清)?物业(?![费管经办公的])|(?:先交|[\d一两半]年的|一?笔|扣|抵|减|混|[跟和加、])物业(?=[的一]?(?:[,，。、混加和跟\d]|$))|(?<!车位)(?<!装修)(?<!位的)(?<!棚)(?<!停车)(?<!\d的)管理费",
        ),
        (
            "水费",
            r"(?<!公摊)水[费废飞肥钱]|用水(?:量|.{0,4}(?:吨|多|超))|[\d几]吨(?=.{0,6}水)|水卡|水损|water (?:fee|bill)"
            r"|[、和](?:物业|停车)、?水(?=、)|谁费|污水处.费|水[非飞](?!机)|[付交缴]水(?=$|[,，])|欠水的|(?<!公摊)水电(?!工|单|站|类|表|师傅|维修|煤)|(?:用|自来)水.{0,3}(?:多少钱|价)|水价",
        ),
        (
            "电费",
            r"(?<!充)(?<!公摊)电[费废飞肥钱非](?!用)|(?<=[月的个])店费|电卡|(?:^|[的们么租,，])点费|每度电|用电量|电价|电表余"
            r"|水、电|[\d几]度电|[a-z]lectricity (?:fee|bill)"
            r"|(?<!公摊)水电(?!工|单|站|类|表|师傅|维修|煤)|充电费|充电.{0,3}扣|充[电点]费",
        ),
        ("公摊", r"[公工][摊滩坛谈]|公共费|公共能耗|能耗分摊|公用?摊|公谭|能好费|公共照明|能耗费|分摊费"),
        (
            "停车费",
            r"(?:停车|外来车|车位)[^,，]{0,8}(?:怎么收|收费|多少钱|几块|什么价)|临停收费|停车(?=[、和,，]|几号|续|[水电])|续(?:租|个)?车位|车位.{0,3}(?:到期|续|租约|租金)|[停车]车?[为非]费"
            r"|停车.{0,2}[费废钱飞](?!员)|车位.{0,2}[费钱]|泊车费|车库.{0,2}[费钱]|月卡费|停车的钱|车位.{0,3}管理费|停车月[租祖]|临停|停车(?=剩|的[别扣再价]|加|发票|没有|\d|月卡)|欠停车|[加和、]车位(?=一次|[,，、]|$)|代收车位|月卡(?=续|缴|交)",
        ),
        ("垃圾费", r"垃圾.{0,3}[费钱非飞]|垃[级及鸡]费|垃[圾级]清运|垃圾(?=一共|多少)|清运费|卫生[费非飞]|抵清运"),
        ("电梯费", r"(?<![修换])电梯.{0,3}[费钱非]|电梯铜钿|加电梯(?=[,，])|梯费"),
        ("押金", r"[押压鸭][金京斤]|保证金|押的?.{0,3}[千百块]|装修[押压]"),
        ("违约金", r"违约[金斤]|[支滞治]那金|滞纳|[滞治]纳[金斤]|位约金|罚息|罚金|逾期费"),
        (
            "供暖费",
            r"[供取采][暖暧].{0,2}[费钱飞非废]|供暖的(?:发票|收据|票|账)|暖气(?:[该欠]|那张)|暧气费|供软费|交暖气|取暖.{0,2}(?:交|多少)"
            r"|停供.{0,8}(?:费|收|交|半价|几)|(?:停|报停)暖.{0,10}(?:退|交|减|收)|暖气?.{0,2}[费钱]|热费",
        ),
        ("维修资金", r"维修[资基]金|公维金|大修基金"),
    )
)  # fmt: skip
_DENIED = re.compile(r"(?:不是|不[查看交问抵欠付说]|别[说提看查]|先不|非)(?:欠|了|查|看|说|交)*$")
_PLACE = re.compile(r"车位")
_DENIED_AFTER = re.compile(r"(?:先不|我?知道|欠的不管|不管)")
# Among words about a repair a fee is told when something is asked of it.
_ASKED = re.compile(
    r"(?:费|公摊|资金|押金|水电)[^,，。]{0,6}(?:多少|怎么|退|能不能|能用|能|哪|[欠收交][没不吗]|分)|(?:还有|另外|顺便|对了|问|看|查|再).{0,8}(?:费|水电)|退(?:物业|停车)费"
)
# How much must speak for a fee that is not named, where money is spoken of and elsewhere (by cross-validation).
_SURE_OF_MONEY, _SURE = -0.2, 0.2
_TRADITIONAL = str.maketrans("費電車錢賬罰壓單據氣業攤樓", "费电车钱账罚压单据气业摊楼")


def fees_told(words: str, said: Mapping[str, float], *, by_the_way: bool = False, of_money: bool = False) -> list[str]:
    """`said`: what was learned says about each fee; it helps where none is named. A fee that is denied is none.
    `by_the_way`: it is something else that is spoken of; `of_money`: it is what is owed, paid or asked back."""
    if by_the_way:
        return fees_told(words, {}) if _ASKED.search(words) else []
    words = words.translate(_TRADITIONAL)
    named = {name: list(pattern.finditer(words)) for name, pattern in _FEES}
    named = _as_of_a_place(named, words)
    kept = [name for name, found in named.items() if found and not all(_is_denied(at, words) for at in found)]
    if kept:
        return kept
    sure = _SURE_OF_MONEY if of_money else _SURE
    return [name for name, found in named.items() if found] or [name for name, much in said.items() if much > sure]


def _as_of_a_place(named: dict[str, list[re.Match[str]]], words: str) -> dict[str, list[re.Match[str]]]:
    """What a parking place is managed for is a parking fee, however far apart they stand (车位卖掉了,管理费退不退)."""
    of_homes = named["物业费"]
    if not of_homes or not all(at.group() == "管理费" for at in of_homes) or not _PLACE.search(words):
        return named
    return named | {"物业费": [], "停车费": named["停车费"] or of_homes}


def _is_denied(at: re.Match[str], words: str) -> bool:
    return _DENIED.search(words[: at.start()]) is not None or _DENIED_AFTER.match(words[at.end() :]) is not None
