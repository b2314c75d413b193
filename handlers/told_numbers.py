"""Numbers of orders in a sentence, as they are told outside (domain reference 6.2)."""

import re

from bot.understanding import Meaning
from bot.understanding.numbers import spoken_integer

_BARE = frozenset(
    (
        *("staff_accept", "staff_arrive", "staff_done", "staff_pause", "staff_transfer"),
        *("maintenance_done", "manager_dispatch", "staff_leave", "repair_cancel", "repair_status"),
        *("repair_urge", "repair_reopen"),
    )
)
# Where other things of a compound have numbers, too, an order must be called one.
_BY_NAME_ALONE = frozenset(
    (
        *("repair_reschedule", "maintenance_done", "complaint", "provide_info", "deny", "confirm"),
        *("staff_leave", "staff_my_tasks", "manager_broadcast", "manager_fee_op", "human", "feedback"),
        *("receipt", "refund_query", "bill_explain", "bill_query", "pay", "price_query"),
    )
)
_ORDER = re.compile(
    r"(?:#|单号|工单|工[担旦蛋]|单子|[Tt]icket|编号|进度|催单?|催一?下|加急|派工|取消报修|报修(?!单)|评价|没修好|接单?|完工|到场|退单?|转单?|挂起?|派单?|优先|保养|撤掉?|取消|消掉|[张单]|标?尾号|重做|返[修工]|重修|盯紧?)"
    r"[是:为第 ,，]{0,2}#?(\d{1,6})(?![\d-]|[分星点天月日次栋幢座楼东动洞])"
    r"|(?<![\d.-])(\d{1,6})(?:号(?!楼|栋|院|门|线|口|梯|泵|电梯|车|水|风|配|机|厅|桩|充|路|岗|柜|闸|摄|铺|的?卷|箱|密|房|前|之|以)|(?=那?[单个张](?!元|月|人|小|星|[员园圆源原]))|(?=[,，]?(?:作罢|作废)))"
    r"|(?:^|[,，号])(\d{4})$|(?<=[,，])(\d{4})(?=[,，])"
    r"|^(\d{1,4})(?=[派接转退完改催,， 好了挂])"
)
# A worker's bare number is an order's, where no home, amount, day or quantity claims it: 「71到」, 「67转小段，68我做完了」.
_OF_WORK = re.compile(
    r"(?<![\d.\-/:：~+楼栋层])(\d{2,4})(?![\d.\-/:：]|[ ]?(?:号(?!单|的?单)|点|分|块|快|元|个|只|楼|栋|幢|座|单元|层|室|户|家|门"
    r"|天|小时|月|年|岁|度|%|秒|米|瓦|伏|安|公斤|斤|桶|根|盏|把|次|东|洞|动|室|吨|人(?!到)|台|部|梯|届|期|多|几|来|单|现金|公里|字|时|的(?:弯头|开孔|管|角铁|螺|球阀|接头|钻)|级|趟|棵|盆|公分|厘米|排|颗|株|条|项))"
)


# Where a number is no order's, whatever else speaks for it: what something costs or measures, a time of the day.
_NO_ORDER_BEFORE = re.compile(
    r"(?:[A-Za-z]|[收付嫌给](?:了|的|是|人家|他们?|她|佢|业主|手工|工钱|我|主|款)*|共计|[材物]?料|手工|工|超|费用?|材料|人工|合计|检查|开关|每[根个只把次]|岁|用料\S*|读数|抄表|温度|压力?|点|[月至~]|改到|预计|定|[楼栋层]|第|[Φφ]|商铺|门面|血压|稳在|不要|不是|扣|罚款|水表|[水电气]|现金|换成?)\s*$"
)
_NO_ORDER_AFTER = re.compile(
    r"\s*(?:了[,，。]|点到|[A-Za-z]|份钟|号(?:上午|下午|早|晚|之?前|以?后|到货|那天|去|来|左右)|个(?!单))"
)
# Numbers of other things, whatever is done with them; and days: 换到15号, 11号报的.
_OTHERS_BEFORE = re.compile(r"(?:发票号?码?|票号|后四位|水表\S{0,3}|抄[了的]?是|面积|充电桩|第|那笔|[押余]\S{0,3})\s*$")
_A_DAY = re.compile(r".*[到,，至]\|号$|.*\|号报")
_MOST_DAYS = 31
_LIKE_A_ROOM = re.compile(r"[2-9]0[1-9]|[2-9]1[0-2]|1[0-9]0[1-9]")
_BY_ITS_NAME = re.compile(
    r"(?:#|单号|工单|单子?|编号|进度|报修单?)[是:为第 ,，]{0,2}#?(\d{1,6})(?![\d-]|[幢栋座楼点])"
    r"|(?<![\d.#A-Za-z-])(\d{1,6})号?(?:工单|单子?)(?![元价员园圆源原])|保养(?:任务|单|计划)?\s*(\d{1,6})(?=号|\s|$)"
)
_LEADING = re.compile(
    r"^(\d{1,4})()(?=号?(?!楼|栋)(?:业主|到|派|修|还|现在|改|挪|不|别|快|催|什么|啥|几点|已经?|来人|打[回开]|卡|整到|谁|恁|给我?|让|换人|没修|又|师傅|为何|[撤结关挂推完]|做完|修[好完]|处理|搞定|弄[好完]|超时|[那这的]?单(?!元|价)|给[^钱]))"
)


# 4560、4561两单: each of a row.
_IN_A_ROW = re.compile(
    r"(?<![\d.-])(\d{2,6})(?=[、,和跟]\d{2,6}(?:[两俩二][个张]?单|都))|(?<=\d[、,和跟])(\d{2,6})(?=[两俩二][个张]?单|都)"
)
# Whoever asks for an order by nothing but four figures means no home, if no house has so many storeys or doors (8821, 7035).
_NO_DOOR = re.compile(
    r"(?<![\d.\-/:：~+#])((?:[4-9]\d\d\d|[1-9]\d[4-9]\d))(?![\d.\-/:：]|\s*(?:元|块|度|吨|方|分|年|[点折]|平))"
)
_ASKED_FOR = frozenset({"repair_status", "repair_urge", "repair_reschedule", "repair_cancel", "repair_reopen"})
# What is done with it, or what it is called right after it, tells an order: 4925这张单, 0446显示已完成, 5518取消, 1203派老魏.
_BY_WHAT_FOLLOWS = re.compile(
    r"(?<![\d.#A-Za-z-])(\d{3,6})(?=号?[这那的]{0,2}[个张]?(?:报修|维修|工|公)?单(?![元价])|[这那]张|显示已?|进度|取消|销掉|撤"
    r"|现在(?:在|什么|谁|到)|改?派(?:给|老|小|阿)|给[老小]|转[给交]|打[1-5一二三四五]|再来)"
)
# Whoever numbers by the day (20260312008) has no shorter name for an order; a telephone is none, nor is what somebody gives of himself.
_LONG = re.compile(r"(?<![\d.-])(?!1[3-9]\d{9}(?!\d))(\d{7,13})(?!\d)")
_IN_WORDS = re.compile(r"(?<=工单|单号)([一二三四五六七八九])(?![个张单份般直次])")  # 工单八
_WITH_LETTERS = re.compile(r"(?<![A-Za-z\d-])([A-Z]{2}-\d{2,6})(?![\d-])")
# A worker's number of three figures that could be a home's, too, is one where it stands like one; else it is an order's.
_A_HOME_FOLLOWS = re.compile(r"\s*(?:室|的(?!单)|家|那?户|住户|厨|卫|厕|客厅|门口|我?到了|[,，]?业主)")
_A_HOME_BEFORE = re.compile(r"(?:去|到|隔壁|楼上|楼下|家|住|业主|[的A-Z]|门牌|房)\s*$")
_HIGHEST_OF_ORDERS = 499
_MOST_STARS = 5
_THREE_FIGURES_ARE_ENOUGH = frozenset({"repair_reschedule", "staff_my_tasks", "staff_leave", "manager_broadcast"})
_THREE_FIGURES = re.compile(
    r"(?<![\d.\-/:：~+楼栋层元A-Z])([1-4]\d\d)(?![\d.\-/:：]|[ ]?(?:号(?!单|的?单)|点|分|块|快|元|个(?!单)|只|楼|栋|幢|座|单元|层|室|户|家|门"
    r"|天|小时|月|年|岁|度|%|秒|米|瓦|伏|斤|桶|根|盏|把|次|人|台|部|多|几|来(?!人)))"
)


def orders_told(intent: str, meaning: Meaning, words: str, role: str) -> list[int | str]:
    """The numbers of orders, or as they are written with letters (GD-91). `words`: standard text, without what somebody took back."""
    work = role in ("staff", "manager")
    words = _IN_WORDS.sub(lambda match: str(spoken_integer(match[1])), words)
    if intent in _BY_NAME_ALONE:
        found = [*_BY_ITS_NAME.finditer(words)]
        if intent == "repair_reschedule":
            found += _LEADING.finditer(words)
        if work and intent in _THREE_FIGURES_ARE_ENOUGH:
            found += _THREE_FIGURES.finditer(words)
    else:
        found = [*_ORDER.finditer(words), *_IN_A_ROW.finditer(words)]
        if work and intent in _BARE:
            found += _OF_WORK.finditer(words)
        if work or intent.startswith("repair_"):
            found += _LEADING.finditer(words)
    found += _BY_WHAT_FOLLOWS.finditer(words)
    if intent in _ASKED_FOR:
        found += _NO_DOOR.finditer(words)
    if intent not in _BY_NAME_ALONE:
        found += _LONG.finditer(words)
    written = [*_WITH_LETTERS.findall(words)] if work or intent.startswith("repair_") else []
    numbers = [_number(match, words, work) for match in sorted(found, key=lambda match: match.start())]
    known = meaning.slots.get("order_no") if intent not in _BY_NAME_ALONE else None
    least = _MOST_STARS if intent == "repair_rate" else 0
    return (
        written
        or list(dict.fromkeys(number for number in numbers if number is not None and int(number) > least))
        or ([known] if isinstance(known, int) else [])
    )


def _number(match: re.Match[str], words: str, work: bool) -> int | str | None:
    group = next(number for number, said in enumerate(match.groups(), 1) if said)
    said, before, after = match[group], words[: match.start(group)], words[match.end(group) :]
    named = (
        match.re in (_BY_WHAT_FOLLOWS, _LONG)
        or words[match.start() : match.start(group)].strip() != ""
        or before.endswith("#")
        or re.match(r"号?[那这的]?个?(?:工[单但]|单(?!元|价))", after)
    )
    if _OTHERS_BEFORE.search(before) or (int(said) <= _MOST_DAYS and _A_DAY.match(before[-3:] + "|" + after)):
        return None
    if named:
        return _as_said(said)
    if _NO_ORDER_BEFORE.search(before) or _NO_ORDER_AFTER.match(after):
        return None
    if _LIKE_A_ROOM.fullmatch(said):
        at_home = _A_HOME_FOLLOWS.match(after) or _A_HOME_BEFORE.search(before)
        return None if at_home or not work or int(said) > _HIGHEST_OF_ORDERS else int(said)
    return _as_said(said)


def _as_said(said: str) -> int | str:
    """Noughts in front belong to it (0446)."""
    return said if said.startswith("0") else int(said)
