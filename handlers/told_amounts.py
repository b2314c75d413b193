"""Sums of money in a sentence, as they are told outside (domain reference 6.2): yuan, without needless noughts.

Every number is looked at with what stands before and behind it: a unit of money or a word of paying speaks for a sum, a home, a date or
a counted thing against it. Of several sums the one that is asked about is told: what was changed to, what it comes to, what it is more.
"""

import re
from collections.abc import Collection, Iterator
from decimal import Decimal

from bot.understanding.numbers import spoken_integer

# 一百多, 三百来块: roughly so much is told as so much. (Exact spoken numbers are figures already.)
_ROUGHLY = re.compile(
    r"(?<![\d几第])([一二两三四五六七八九十][一二两三四五六七八九十百千万零]*)(?=[多来几]块?钱?(?!天|年|个|人|户|次|岁|级|平|米|分|点|回|号|斤))"
)
_FIGURE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ONE = "[1-9一二两三四五六七八九]"
# 三十七块六, 1块8毛5: yuan, jiao and fen in one breath.
_MIXED = re.compile(
    rf"(?<![\d.])(\d+)[块元塊](?:({_ONE})[毛角]({_ONE})(?![个\d])|({_ONE})[毛角]?(?![\d十百千万.块元个平度吨方月年户次人张天]))"
)
_JIAO = re.compile(rf"(?<![\d.块元])(\d)毛(?:({_ONE})(?![\d个吨度方平]))?")
_NUMBER = re.compile(r"(?<![\d.#A-Za-z:：/-])(\d{1,7}(?:\.\d{1,2})?)(?![\d:：/]|\.\d|-\d)")
_MONEY = re.compile(r"\s*(?:多|来|几|整)?(?:块钱?|元|圆|蚊|塊|快钱?(?![点来去修处些递]))(?![砖板瓷玻石墙腻铁牌])")
_SCALE = re.compile(r"\s*(万|[wW](?![a-zA-Z0-9×*])|千(?![瓦克米])|[kK](?![a-zA-Z0-9]))")
_SCALES = {"万": 10000, "w": 10000, "千": 1000, "k": 1000}
_NO_SUM = re.compile(
    r"[ ]?(?:多|来|几)?(?:平|㎡|度|吨|方(?!案)|立方|岁|楼|层|号|栋|幢|座|单元|单|室|户|%|折|成|分|天|日|月|年|点|秒|小时|钟|个|次|回|遍|人|米|公里"
    r"|斤|桶|根|盏|台|部|张|家|门|期|项|条|倍|只|把|瓦|A(?![a-zA-Z])|安|伏|V|月租|级|届|位|口|那|这|的?业主|份|瓶|袋|卷|片|块地|开头|打头|[到至~]\d+月|积分)"
)
# A price of a square metre or of a kilowatt-hour is no sum, unless the books are kept by it.
_PRICE = re.compile(r"[ ]?(?:块钱?|元)?(?:[一每/]|一个)(?:平|度|吨|方|立方|㎡|平方)")
_PAID = re.compile(
    r"(?:交|付|收|缴|退|欠|差|扣|存|充|转|打|刷|罚|赔|免|减|要|花|值|卖|写|算|剩|押|补|记|入|冲|给|张口|才|少|多|到账|收款|到|说是?|是|价格?|费用?|金|钱|款|账|出来?|现金|转账|微信|支付宝|POS|长|废|宽|块|封顶|超过?|单价|租|档|层|摊|贴|涨|吞|报|显示|按|只|挣|还是|怎么)"
    r"(?:了|过|我|他|她|你们|你|我们|是|掉|到|来|去|成|的|着|业主|人家|到账|大概|一笔|一共|至少|差不多|每月|每户|再|人家|还剩)*[\s:：,，\"“”」]{0,2}$"
)
_OLD = re.compile(r"(?:从|原来|之前|原先|本来|去年|上个?月|前\S{1,2}月|隔壁|别人|网上|人家)[^,，]{0,4}$|不是$")
_MEANT = re.compile(
    r"(?:重复的|应该是?|每次|[那这]笔|改成?|改为|改回|改到|调到?|调成|涨到?|变成|降到|换成|合计|总共|一共|共计|实收|多出来的?|多出|多了|多收我?了?|多扣我?了?|多交的?|差了|贵了|你们写|要我|收我|收了我|退我|抹掉|张口|今年|这个?月|变|[那这]|多的那?|差的)(?:了|是|每月|马上)?\s*$"
)
_NAMED = re.compile(r"\s*(?:块|元|多)?的?(?:押金|\S{1,3}费)")
_MEASURED = re.compile(
    r"(?:读数|面积|系数|压力?|温度|尾号|一平方?米?|一度|一吨|一方)[^,，]{0,4}$|(?:举报|分|星|评价?|百分之|双|血压)\s*$"
)
_TOGETHER = re.compile(r"块(?!钱|[1-9一二两三四五六七八九])")
_TEN_THOUSANDS = re.compile(r"十([1-9])0000(?!\d)")  # 十八万
# A comma may also stand between two numbers (340,604): then neither a sign nor a unit is beside them.
_THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?=\.\d|\s*[块元])|(?<=[¥￥])\d{1,3}(?:,\d{3})+(?!\d)")
_ON_A_CHEQUE = re.compile(r"[壹贰叁肆伍陆柒捌玖拾佰仟零万]{2,}")
_PLAINLY = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_A_YEAR = re.compile(r"20[0-4]\d")
# What somebody has, lives on or only weighs is not asked about; nor is a fen that nobody shall ever get.
_OWN = re.compile(r"(?:退休金|退休费|退休工资|工资|低保|微信里?,?(?:里头)?有|卡里|兜里|存折上)\D{0,6}$")
_NEVER = re.compile(r"^(?:钱|都|也)*(?:没|别想|不[交给]|,我)")
_FLOOR_SPACE = re.compile(r"(?:面积|房本|产权)[^块元]{0,16}$")
_CALLED = re.compile(r"[打拨报叫](?:了|过|个)?\s*$")
_TELEPHONES = frozenset(("110", "119", "120", "122", "12345", "12315", "12319", "12369", "96333"))
# Storey and door.
_LIKE_A_ROOM = re.compile(r"\d{1,2}(?:0[1-9]|1[0-2])")
_ADDED = re.compile(r"(?:封顶|第二档|多层)\s*$")
_SURE, _SURELY = 2, 4


# Only sums are said by hundreds and thousands (三百一, 两千零八十八); homes and orders are read out figure by figure.
_SPOKEN = re.compile(
    r"(?<![几第好\d])[一二两三四五六七八九](?:十[一二三四五六七八九]?)?[百千万][零一二两三四五六七八九十百千万]*+(?![多来几号栋单楼])"
)


def spoken_sums(text: str) -> set[str]:
    """The figures of the numbers in `text` (as it was written) that are said like sums."""
    values = (spoken_integer(words) for words in _SPOKEN.findall(text))
    return {str(value) for value in values if value is not None}


def amounts_told(
    words: str, rooms: Collection[str] = (), *, books: bool = False, spoken: Collection[str] = (), surely: bool = False
) -> list[str]:
    """`words`: standard text. `rooms`: numbers that are homes. `books`: whoever keeps books writes sums without a word.
    `spoken`: numbers that are said like sums. `surely`: only what has both a unit and a word of paying."""
    words = _TEN_THOUSANDS.sub(r"1\g<1>0000", words.replace("卅", "3").replace("廿", "2"))
    words = _ON_A_CHEQUE.sub(
        lambda match: str(spoken_integer(match.group().translate(_PLAINLY)) or match.group()), words
    )
    words = _THOUSANDS.sub(lambda match: match.group().replace(",", ""), words)
    words = _ROUGHLY.sub(lambda match: str(spoken_integer(match[1]) or match[1]), words)
    found: list[tuple[int, int, Decimal]] = []  # (how much speaks for it, where, the sum)
    for at, end, value in _sums(words):
        score = _speaks(words, at, end, books, rooms, spoken)
        if score is not None:
            found.append((score, -at, value))
    if not found:
        return []
    best = max(found)
    least = 1 if books else _SURE
    if best[0] < least and (surely or best[2] == best[2].to_integral()):
        return []
    if surely and best[0] < _SURELY and not _has_a_unit(words, -best[1]):
        return []
    more = [one for one in found if one[0] >= least]
    return [_short(value) for _, _, value in sorted({best, *more}, key=lambda one: -one[1])]


def _has_a_unit(words: str, at: int) -> bool:
    """Is the number that begins here said in yuan?"""
    number = _NUMBER.match(words, at)
    return number is not None and (_MONEY.match(words, number.end()) or _MIXED.match(words, at)) is not None


def _sums(words: str) -> Iterator[tuple[int, int, Decimal]]:
    """Where a number begins and ends, and its value in yuan."""
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
        yield at, end, value


def _speaks(
    words: str, at: int, end: int, books: bool, rooms: Collection[str], spoken: Collection[str] = ()
) -> int | None:
    """None: no sum at all."""
    before, after, said = words[max(0, at - 24) : at], words[end:], words[at:end]
    meant = _MEANT.search(before) is not None
    unit = _MONEY.match(after) is not None or re.fullmatch(r"[\d.]+", said) is None
    unit = unit or (said in spoken and not _NO_SUM.match(after))
    if (not unit and _MEASURED.search(before)) or re.search(r"(?:栋|单元|卡号|电话|车位|单号|工单|门面)-?$", before):
        return None
    if not books and not unit and "." not in said and _PRICE.match(after):
        return None
    if not unit and (_NO_SUM.match(after) or (said in rooms and not meant) or (len(said) == 1 and not meant)):
        return None
    if (said == "1" and _TOGETHER.match(after)) or _is_none(said, before, after, unit):
        return None  # 一块交: together
    paid = _PAID.search(before) is not None
    score = (2 if unit else 0) + (2 if paid or _NAMED.match(after) else 0) + (3 if meant else 0) + books
    if not unit and not meant and (_LIKE_A_ROOM.fullmatch(said) or (_A_YEAR.fullmatch(said) and not paid)):
        score -= 2
    if _OWN.search(before):
        return score - 3
    return score if meant or not _OLD.search(before) else score - 2


def _is_none(said: str, before: str, after: str, unit: bool) -> bool:
    """A number of a telephone, of square metres, or a fen that is refused."""
    telephone = said in _TELEPHONES and (not unit or _CALLED.search(before))
    refused = said.startswith("1毛") and _NEVER.match(after)
    return bool(telephone or (not unit and _FLOOR_SPACE.search(before)) or refused)


def _figure(figure: str) -> int:
    return _FIGURE.get(figure) or int(figure)


def _short(value: Decimal) -> str:
    return format(value.normalize(), "f")
