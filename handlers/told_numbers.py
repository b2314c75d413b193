"""Numbers of orders and sums of money in a sentence, as they are told outside (domain reference 6.2)."""

import re

from bot.understanding import Meaning

_BARE = frozenset(
    (
        *("staff_accept", "staff_arrive", "staff_done", "staff_pause", "staff_transfer"),
        *("maintenance_done", "manager_dispatch", "staff_leave", "repair_cancel", "repair_status"),
    )
)
_ORDER = re.compile(
    r"(?:#|单号|工单|编号|进度|催单?|取消报修|评价|没修好|接单?|完工|到场|退单?|转单?|挂起?|派单?|优先|保养|撤)[是:为第 ,，]{0,2}#?(\d{1,6})(?![\d-])"
    r"|(?<![\d.-])(\d{1,6})(?:号(?!楼|栋|院|门|线|口|梯|泵|电梯|车|水|风|配|机|厅|桩|前|之|以)|(?=那?[单个](?!元|月|人|小|星)))"
    r"|^(\d{1,4})(?=[派接转退完改催,， 好了挂])"
)
# A worker's bare number is an order's, where no home, amount, day or quantity claims it: 「71到」, 「67转小段，68我做完了」.
_OF_WORK = re.compile(
    r"(?<![\d.\-/:：~+楼栋层])(\d{2,3})(?![\d.\-/:：]|[ ]?(?:号(?!单|的?单)|点|分|块|快|元|个|只|楼|栋|幢|座|单元|层|室|户|家|门"
    r"|天|小时|月|年|岁|度|%|秒|米|瓦|伏|安|公斤|斤|桶|根|盏|把|次|人|台|部|梯|届|期|多|几|来|单|现金))"
)
# 三十七块六: yuan and jiao in one breath. Not the price of a square metre or a cubic metre, which is no sum.
_MIXED = re.compile(r"(?<![\d.])(\d+)[块元]([1-9一二三四五六七八九])(?![\d十百])[毛角]?(?!一?[个]?[平度吨方])")
_PRICE = re.compile(r"\d+(?:\.\d+)?(?:[块元][1-9一二三四五六七八九]?)?[毛角]?一?个?(?:平|度|吨|方)(?!台)")
_WITH_UNIT = re.compile(r"(?<![\d.])(\d+(?:\.\d{1,2})?)(?:多|来|几)?(?:块|元|蚊|圆)(?![一二三四五六七八九\d])")
_AFTER = re.compile(
    r"(?:退|欠|差|收了?我|要|赔的?|押金|转过去|打过?去|刷了?|多了|多出来|减|改成?|改回|预存|贵了|得|达|超过?|涨了?|那|按)"
    r"(?:物业费|押金|了|掉|还剩|你们|回)?(\d{2,6}(?:\.\d{1,2})?|\d\.\d{1,2})(?:多|来)?(?![\d.%年月号日栋楼单\-]|个|户|次|天|分|平|度|吨|小时|点|秒|号|层|室)"
)
_WORDS = {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9"}
_SUM = re.compile(
    r"(?:交了?|付了?|收了?|收到|现金|转账|转了?|欠了?|多收|多扣|扣了?|退了?|退我|退宽|减免|免|存|充|押金|罚|违约金|收款|付款|报销|花了?|少|入账|涨到?|改成|块)"
    r"(?:了|我|他|她|是|现金|滞纳金|违约金|押金|物业费|水费|电费|钱|的)?[:： ]?(\d+(?:\.\d{1,2})?)(?![\d.%年月号日栋楼单-]|个|户|次|天|分|平|度|吨)"
)
_NO_SUM = re.compile(r"(?<!\d)1块(?!\d|钱|[一二三四五六七八九])")


def amounts_told(meaning: Meaning, words: str) -> list[str]:
    """Yuan, without needless noughts."""
    if mixed := _MIXED.search(words):
        return [f"{mixed[1]}.{_WORDS.get(mixed[2], mixed[2])}"]
    words = _PRICE.sub(" ", words)
    known = meaning.slots.get("amount")
    if known is not None and re.fullmatch(r"[\d.]+", str(known)) and str(known) in words and len(str(known)) < 7:
        return [] if known == "1" and _NO_SUM.search(words) else [str(known)]
    for pattern in (_SUM, _WITH_UNIT, _AFTER):
        if found := pattern.findall(words):
            return [_short(found[0])]
    return []


def _short(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def orders_told(intent: str, meaning: Meaning, words: str, role: str) -> list[int]:
    found = [int(next(filter(None, groups))) for groups in _ORDER.findall(words)]
    if intent in _BARE and role in ("staff", "manager"):
        found += [int(number) for number in _OF_WORK.findall(words) if int(number) not in found]
    known = meaning.slots.get("order_no")
    return found or ([known] if isinstance(known, int) else [])
