"""Sums of money in a sentence, as they are told outside (domain reference 6.2): yuan, without needless noughts.

Every number is looked at with what stands before and behind it: a unit of money or a word of paying speaks for a sum, a home, a date or
a counted thing against it. Of several sums every one is told, except what somebody takes back with a no.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from bot.understanding.numbers import number_and_rest, spoken_integer
from handlers.told_spellings import in_figures

_FIGURE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ONE = "[1-9一二两三四五六七八九]"
# 三十七块六, 1块8毛5: yuan, jiao and fen in one breath.
_MIXED = re.compile(
    rf"(?<![\d.])(\d+)[块元塊](?:({_ONE})[毛角]({_ONE})(?![个\d次起])|({_ONE})[毛角]?(?![\d十百千万.块元个平度吨方月年户次人张天起小]))"
)
_JIAO = re.compile(rf"(?<![\d.块元])(\d)毛(?:({_ONE})(?![\d个吨度方平]))?")
_NUMBER = re.compile(r"(?<![\d.#A-Za-z:：/-])(\d{1,7}(?:\.\d{1,2})?)(?![\d:：]|/(?![年月平户度吨次])|\.\d|-\d)")
_MONEY = re.compile(r"\s*(?:多|来|几|整|出头)?(?:块钱?|元|圆|蚊|塊|快钱?(?![点来去修处些递]))(?![砖板瓷玻石墙腻铁牌])")
_SCALE = re.compile(r"\s*(万|[wW](?![a-zA-Z0-9×*])|千(?![瓦克米])|[kK](?![a-zA-Z0-9]))")
_SCALES = {"万": 10000, "w": 10000, "千": 1000, "k": 1000}
_NO_SUM = re.compile(
    r"[ ]?(?:多|来|几)?(?:平|㎡|度|吨|方(?!案)|立方|岁|楼|层|号|栋|幢|座|单元|单|室|户|%|折|笔|票|系数|星|颗|倍|名下|头上|那家|那户|粉丝|打[\d一二三四五]|评"
    r"|成|分(?![摊开两三四几期别])|天|日|月|年|点|秒|小时|钟|个|次|回(?![来去给我原])|遍|人|米|公里"
    r"|斤|桶|根|盏|台|部|张|家|门|期|项|条|倍|只|把|瓦|A(?![a-zA-Z])|安|伏|V|月租|级|届|位|口|的?业主|份|瓶|袋|卷|片|块地|开头|打头|[到至~]\d+月|积分)"
)
# What a square metre or a kilowatt-hour costs is said without a unit, too: 二十二一平, 一吨二十六.
_PRICE = re.compile(r"[ ]?(?:块钱?|元)?(?:[一1每/]|[一1]个|每个)(?:平|度|吨|方|立方|㎡|平方)|/[年月户次]")
_PAID = re.compile(
    r"(?:交|付|收|缴|退|还|俾|畀|欠|差|扣|存|充|转|打|刷|罚|赔|免|减|要|花|值|卖|写|算|剩|押|补|记|入|冲|给|张口|才|少|多|到账|收款|到|说是?|是|价格?|费用?|金|钱|款|账|出来?|现金|转账|微信|支付宝|POS|长|废|宽|块|封顶|超过?|单价|租|档|层|摊|贴|涨|吞|报|显示|按|只|挣|还是|怎么|负|加|目标|共|该|系统|等于|=|[一两二三]笔|[一两二三]次|大约|大概|每\S|[一1][平度吨方][水电]?|系统里?|页面|维修|日结|损失|零钱|剩下|过|满)"
    r"(?:了|过|咗|咾|个|我|他|她|你们|你|我们|是|掉|到|来|去|成|的|着|业主|人家|到账|大概|一笔|一共|至少|差不多|每月|每户|再|人家|还剩|材料|料钱|手工|工时|回|高达|进去|近)*[\s:：,，\"“”」]{0,2}$"
)
_TAKEN_BACK = re.compile(r"(?<![\d块元毛])(?:不是|不是[减改加收])$")
_DENIED = re.compile(r"不是[减改加收]?了?$")
_MEANT = re.compile(
    r"(?:重复的|应该是?|每次|[那这]笔|改成?|改为|改回|改到|调到?|调成|涨到?|变成|降到|换成|合计|总共|一共|共计|实收|多出来的?|多出|多了|多收我?了?|多扣我?了?|多交的?|差了|贵了|你们写|要我|收我|收了我|退我|抹掉|张口|去年|今年|[这本上]个?月|变|[那这]|多的那?|差的|上个?月|原来|别人|隔壁)(?:了|是|才|还是?|也是?|每月|马上)?\s*$"
)
_NAMED = re.compile(r"\s*(?:块|元|多)?的?(?:押金|\S{1,3}费)")
_MEASURED = re.compile(
    r"(?:读数|底数|面积|系数|压力?|温度|尾号|口令|授权码|验证码|密码|编号|工号|走到|粉丝|水表|电表|[Hh]ouse)[^,，]{0,4}$"
    r"|(?:举报|分|星|评价?|百分之|双|血压|贷款|房本)\s*$|(?:我|妈|爸|爷|奶|老\S{0,3})今年$|\d(?:度|吨|方|个?字)[^,，块元\d该收交要]{0,6}$"
)
_TOGETHER = re.compile(r"块(?!钱|[1-9一二两三四五六七八九])")
_A_MONTH = re.compile(r"20\d\d\.(?:0\d|1[0-2])")
_A_YEAR = re.compile(r"20[0-4]\d")
# What somebody has, lives on or only weighs is not asked about; nor is a fen that nobody shall ever get.
_OWN = re.compile(r"(?:退休金|退休费|退休工资|工资|低保)(?![到发]|取)\D{0,6}$")
_NEVER = re.compile(r"^(?:钱|都|也)*(?:没|别想|不[交给]|,我)")
_FLOOR_SPACE = re.compile(r"(?:面积|房本|产权)[^块元凭收交退摊算]{0,16}$")
_CALLED = re.compile(r"[打拨报叫](?:了|过|个)?\s*$")
_CALLED_AFTER = re.compile(r"[打拨报叫说]|的?电话|急救|热线")
_TELEPHONES = frozenset(("110", "119", "120", "122", "12345", "12315", "12319", "12369", "96333"))
# Storey and door.
_LIKE_A_ROOM = re.compile(r"\d{1,2}(?:0[1-9]|1[0-2])")
_NUMBERED = re.compile(r"(?:单元|卡号|电话|车位|单号|工单|门面)-?$")
_BUILDING = re.compile(r"(?:栋|幢|座|隔壁|楼上|楼下|对门)的?-?$")
_ORDER_FOLLOWS = re.compile(r"[那这][张单户家条位]")
_DAY_OF_PAY = re.compile(r"[发到扣打]")
_REACHES = re.compile(r"[到从自]$")
_EACH = re.compile(r"(?:每\S{0,3}|[降改涨调][到为成]|[多少差]|便宜|要)$")
# 换了三块, 粘板四块: so many pieces.
_PIECES = re.compile(r"(?:[换哪]了?|换新|板|砖|池|硬盘|玻璃|[翘碎裂掉缺松]了?)$")
_MOST_PIECES = 12
_ROUGH_SUM = re.compile(r"\d{3,}(?:多|出头)(?=[,，。!?！？、的]|$)")
# Where a number stands that nothing more is said of.
_ENDS = re.compile(r"\s*(?:[,，。;；、!?！？”\"]|$|[的和跟与吗呢吧了贵够是]|还是|不是|[这上]个?月|够不够|以[内下上])")
_SURE, _SURELY = 2, 4


# Only sums are said by hundreds and thousands (三百一, 两千零八十八); homes and orders are read out figure by figure.
_SPOKEN = re.compile(
    r"(?<![几第好\d])[一二两三四五六七八九](?:十[一二三四五六七八九]?)?[百千万][零一二两三四五六七八九十百千万]*+(?![多来几号栋单楼])"
)


def spoken_sums(text: str) -> set[str]:
    """The figures of the numbers in `text` (as it was written) that are said like sums."""
    values = (spoken_integer(number_and_rest(words)[0]) for words in _SPOKEN.findall(text))
    return {str(value) for value in values if value is not None}


def amounts_told(
    words: str,
    rooms: Collection[str] = (),
    *,
    books: bool = False,
    spoken: Collection[str] = (),
    surely: bool = False,
    of_money: bool = False,
    denied: bool = False,
) -> list[str]:
    """`words`: standard text. `rooms`: numbers that are homes. `books`: whoever keeps books writes sums without a word.
    `spoken`: numbers that are said like sums. `surely`: only what has both a unit and a word of paying.
    `of_money`: where it is money that is spoken of, what stands like a sum beside another one is a sum, too. `denied`: what was taken
    back is none (不是减三百)."""
    words = in_figures(words)
    found: list[tuple[int, int, _Number]] = []  # (how much speaks for it, where, the number)
    for number in _numbers(words):
        score = None if denied and _DENIED.search(number.before) else _speaks(number, books, rooms, spoken)
        if score is not None:
            found.append((score, -number.at, number))
    if not found:
        return []
    best = max(found, key=lambda one: one[:2])
    least = 1 if books else _SURE
    whole = best[2].value == best[2].value.to_integral()
    if best[0] < least and (surely or whole) and not (of_money and _in_company(found)):
        return []
    if surely:
        return [_short(one.value) for score, _, one in found if score >= _SURELY or (score >= least and one.in_yuan)]
    kept = [one for score, _, one in found if score >= least or one is best[2] or (of_money and _alike(score, one))]
    return [_short(one.value) for one in kept]


@dataclass(frozen=True)
class _Number:
    """A number with what stands before and behind it, and its value in yuan."""

    at: int
    said: str
    before: str
    after: str
    value: Decimal

    @property
    def in_yuan(self) -> bool:
        """Is it said in yuan?"""
        return _MONEY.match(self.after) is not None or re.search("[块元塊毛]", self.said) is not None

    @property
    def scaled(self) -> bool:
        return re.fullmatch(r"[\d.]+", self.said) is None


def _numbers(words: str) -> Iterator[_Number]:
    taken = 0
    for match in _NUMBER.finditer(words):
        if match.start() < taken:
            continue
        at, end, value = match.start(), match.end(), Decimal(match[1])
        if mixed := _MIXED.match(words, at):
            jiao, fen = _figure(mixed[2] or mixed[4]), _figure(mixed[3]) if mixed[3] else 0
            end, value = mixed.end(), value + Decimal(jiao) / 10 + Decimal(fen) / 100
        elif jiao_only := _JIAO.match(words, at):
            end, value = jiao_only.end(), Decimal(f"0.{jiao_only[1]}{_figure(jiao_only[2]) if jiao_only[2] else ''}")
        elif scale := _SCALE.match(words, end):
            end, value = scale.end(), value * _SCALES[scale[1].lower()]
        taken = end
        yield _Number(at, words[at:end], words[max(0, at - 24) : at], words[end:], value)


def _alike(score: int, number: _Number) -> bool:
    """Does it stand where a sum may stand, with nothing against it?"""
    return score >= 0 and len(number.said) > 1 and _ENDS.match(number.after) is not None


def _in_company(found: Collection[tuple[int, int, _Number]]) -> bool:
    return sum(_alike(score, one) for score, _, one in found) > 1


def _speaks(number: _Number, books: bool, rooms: Collection[str], spoken: Collection[str]) -> int | None:
    """None: no sum at all."""
    said, before, after = number.said, number.before, number.after
    meant = _MEANT.search(before) is not None
    unit = number.in_yuan or number.scaled or _ROUGH_SUM.match(said + after) is not None
    unit = unit or (said in spoken and not _NO_SUM.match(after))
    if _is_none(number, unit):
        return None
    if not unit and (
        _NO_SUM.match(after)
        or _ORDER_FOLLOWS.match(after)
        or (said in rooms and not meant)
        or (len(said) == 1 and not meant)
    ):
        return None
    paid = _PAID.search(before) is not None
    named = _NAMED.match(after) or _PRICE.match(after)
    score = (2 if unit else 0) + (2 if paid or named else 0) + (3 if meant else 0) + books
    year = _A_YEAR.fullmatch(said) and (not paid or _REACHES.search(before))
    if not unit and not meant and (_LIKE_A_ROOM.fullmatch(said) or year):
        score -= 2
    if _OWN.search(before):
        return score - 3
    return score - 2 if _TAKEN_BACK.search(before) else score


def _is_none(number: _Number, unit: bool) -> bool:
    """A number of a telephone, of a thing or of square metres, pieces of a thing, or a fen that is refused."""
    said, before, after = number.said, number.before, number.after
    unspoken = not unit and not _PAID.search(before) and not _PRICE.match(after)
    telephone = said in _TELEPHONES and (unspoken or _CALLED.search(before) or _CALLED_AFTER.match(after))
    refused = said.startswith("1毛") and _NEVER.match(after)
    together = said == "1" and _TOGETHER.match(after) and not _EACH.search(before)  # 一块交
    pieces = number.value <= _MOST_PIECES and number.in_yuan and _PIECES.search(before)
    measured = not number.in_yuan and (_MEASURED.search(before) or _FLOOR_SPACE.search(before))
    a_room = _LIKE_A_ROOM.fullmatch(said) and not number.in_yuan and _BUILDING.search(before)
    a_day = number.value <= 31 and before.endswith("每月") and _DAY_OF_PAY.match(after)
    other = (
        a_room
        or a_day
        or _A_MONTH.fullmatch(said)
        or said[0] == "0" < said[1:2]
        or (_NUMBERED.search(before) and not _PRICE.match(after))
    )
    return bool(telephone or refused or together or pieces or measured or other)


def _figure(figure: str) -> int:
    return _FIGURE.get(figure) or int(figure)


def _short(value: Decimal) -> str:
    return format(value.normalize(), "f")
