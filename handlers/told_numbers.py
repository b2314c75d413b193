"""Numbers of orders in a sentence, as they are told outside (domain reference 6.2)."""

import re

from bot.understanding import Meaning

_BARE = frozenset(
    (
        *("staff_accept", "staff_arrive", "staff_done", "staff_pause", "staff_transfer"),
        *("maintenance_done", "manager_dispatch", "staff_leave", "repair_cancel", "repair_status"),
    )
)
# Where other things of a compound have numbers, too, an order must be called one.
_BY_NAME_ALONE = frozenset(
    {
        "repair_report",
        "repair_reschedule",
        "maintenance_done",
        "staff_leave",
        "complaint",
        "staff_my_tasks",
        "manager_broadcast",
    }
)
_ORDER = re.compile(
    r"(?:#|单号|工单|编号|进度|催单?|取消报修|评价|没修好|接单?|完工|到场|退单?|转单?|挂起?|派单?|优先|保养|撤)[是:为第 ,，]{0,2}#?(\d{1,6})(?![\d-])"
    r"|(?<![\d.-])(\d{1,6})(?:号(?!楼|栋|院|门|线|口|梯|泵|电梯|车|水|风|配|机|厅|桩|充|路|岗|柜|闸|摄|铺|的?卷|箱|密|房|前|之|以)|(?=那?[单个](?!元|月|人|小|星)))"
    r"|^(\d{1,4})(?=[派接转退完改催,， 好了挂])"
)
# A worker's bare number is an order's, where no home, amount, day or quantity claims it: 「71到」, 「67转小段，68我做完了」.
_OF_WORK = re.compile(
    r"(?<![\d.\-/:：~+楼栋层])(\d{2,3})(?![\d.\-/:：]|[ ]?(?:号(?!单|的?单)|点|分|块|快|元|个|只|楼|栋|幢|座|单元|层|室|户|家|门"
    r"|天|小时|月|年|岁|度|%|秒|米|瓦|伏|安|公斤|斤|桶|根|盏|把|次|人|台|部|梯|届|期|多|几|来|单|现金))"
)


# Where a number is no order's, whatever else speaks for it: what something costs or measures, a time of the day.
_NO_ORDER_BEFORE = re.compile(
    r"(?:[A-Za-z]|[收付嫌][了我业主款]*|费用?|材料|人工|合计|检查|开关|每[根个只把次]|岁|用料\S*|读数|抄表|温度|压力?|点|[月至~]|改到|预计|定|[楼栋层]|第)\s*$"
)
_NO_ORDER_AFTER = re.compile(r"\s*(?:[A-Za-z]|号(?:上午|下午|早|晚|之?前|以?后|到货|那天|去|来|左右)|个(?!单))")
_LIKE_A_ROOM = re.compile(r"[2-9]0[1-9]|[2-9]1[0-2]|1[0-9]0[1-9]")
_BY_ITS_NAME = re.compile(
    r"(?:#|单号|工单|单子?|编号|进度|报修单?)[是:为第 ,，]{0,2}#?(\d{1,6})(?![\d-]|[幢栋座楼])"
    r"|(?<![\d.#A-Za-z-])(\d{1,6})号?(?:工单|单子?)(?!元|价)|保养(?:任务|单|计划)?\s*(\d{1,6})(?=号|\s|$)"
)
_LEADING = re.compile(r"^(\d{1,4})()(?=号?(?!楼|栋)(?:业主|到|派|修|还|现在|改|挪|不|别|快|催|什么|啥|几点))")


def orders_told(intent: str, meaning: Meaning, words: str, role: str) -> list[int]:
    """The numbers of orders. `words`: standard text, without what somebody took back."""
    if intent in _BY_NAME_ALONE:
        return [
            int(next(filter(None, groups)))
            for groups in (
                *_BY_ITS_NAME.findall(words),
                *(_LEADING.findall(words) if intent == "repair_reschedule" else ()),
            )
        ]
    found = [at for at in _ORDER.finditer(words)]
    if intent in _BARE and role in ("staff", "manager"):
        found += _OF_WORK.finditer(words)
    if role in ("staff", "manager") or intent.startswith("repair_"):
        found += _LEADING.finditer(words)
    numbers = [_number(match, words) for match in sorted(found, key=lambda match: match.start())]
    known = meaning.slots.get("order_no")
    return list(dict.fromkeys(number for number in numbers if number is not None)) or (
        [known] if isinstance(known, int) else []
    )


def _number(match: re.Match[str], words: str) -> int | None:
    group = next(number for number, said in enumerate(match.groups(), 1) if said)
    said, at, end = match[group], match.start(group), match.end(group)
    named = (
        words[match.start() : at].strip() != "" or words[at - 1 : at] == "#" or re.match(r"号?(?:工单|单)", words[end:])
    )
    if not named and (
        _NO_ORDER_BEFORE.search(words[:at]) or _NO_ORDER_AFTER.match(words[end:]) or _LIKE_A_ROOM.fullmatch(said)
    ):
        return None
    return int(said)
