"""Which of the periods a sentence names are told with which intent (domain reference 6.2): the time whose bills, payments, figures, tasks or
notices are wanted; not when something broke, was reported or was mended, nor until when it shall be done."""

import re
from collections.abc import Iterator

from bot.understanding.clauses import clauses_of
from handlers.told_times import periods_told

# From when on somebody lives there, or until when he pays, is not the period he asks about; nor is until when it shall be done.
_BOUND = re.compile(
    r"(?:从|自|打)(?:20\d\d年?(?:\d{1,2}月)?|(?:去年|今年)?\d{1,2}月)(?:份|\d{1,2}[日号])?[^,，到至]{0,4}?(?:以来|(?=到现在|到今|算到|开始|搬|住|起))"
    r"|(?:到|至)明年\d{1,2}月底?|20\d\d年(?:以前|之前)|(?:\d{1,2}月)(?:份|\d{1,2}[日号])?(?:才|开始|起)(?:住|搬|装|入住|供|算)"
    r"|(?:\d{1,2}月|上个?月|去年)(?:份|\d{1,2}[日号]|[初中底])?(?:就|已经|才)?(?:搬|退租|入住|验|交房)"
    r"|今[天日晚](?:之内|以内|内|必须|务必|一定|就得)"
)

# With which intents a period is told, and which periods are not: a day that only says when somebody speaks, a month only compared with.
_DAYS_NOW = frozenset({"today", "yesterday", "tomorrow"})
_TOLD: dict[str, frozenset[str]] = {
    **dict.fromkeys(("notice_list", "poll_result", "staff_my_tasks"), frozenset()),
    **dict.fromkeys(("manager_collection_rate", "manager_fee_op", "manager_report"), frozenset({"tomorrow"})),
    **dict.fromkeys(
        ("pay", "bill_history", "bill_query", "receipt", "refund_query", "points_query"), frozenset({"today"})
    ),
    **dict.fromkeys(("equipment_query", "discount_query", "manager_dun"), _DAYS_NOW),
    "poll_list": frozenset({"today", "tomorrow"}),
    "manager_arrears_list": frozenset({"yesterday", "tomorrow"}),
    "maintenance_done": frozenset({"tomorrow", "this_year"}),
    "inspection_report": _DAYS_NOW,
    "bill_explain": frozenset({"today"}),
    "meter_reading": frozenset({"last_month", "yesterday", "tomorrow"}),
    "staff_leave": frozenset({"last_month", "this_year", "last_year", "last_week"}),
    "manager_broadcast": frozenset(
        {"yesterday", "this_month", "last_month", "this_year", "last_year", "last_week", "this_week"}
    ),
    "checkin": frozenset({"yesterday", "tomorrow", "this_month", "this_year", "last_year"}),
}
_WITHOUT_FIGURES = frozenset({"staff_leave", "checkin", "notice_list", "manager_broadcast"})

_MONEY_ASIDE = re.compile(r"[水电气暖位摊业]费|账|帐|水电|收缴|报表|月报|汇总")
_DAY_ASIDE = re.compile(
    r"停不?停?[水电气]|日报|几[单个]|打卡|签个?到|的[卡到](?!期)|请\S{0,2}假|休[一半两]?天|调休|我\S{0,4}休息|什么通知|[的要]\S{0,3}(?:单|任务|活儿?)(?:$|[念看报说])"
)
_THREE_YEARS = re.compile(r"(?<![\d近最过前这每第])[3三]年(?=的|各|都|[交缴付]|$|[,，])")
_WHOLE_YEAR = re.compile(r"(?P<this_year>(?<!半)年报|全年)")
_NEVER = frozenset({"out_of_scope", "manager_poll_create", "provide_info"})


# What is owed up to today, or was paid today, is asked about; that somebody only asks today is not.
_UP_TO_TODAY = re.compile(
    r"(?:截[至止到]*|(?<![等滚拖挨])到|算到)今[天日晚]|今[天日]个?(?:结清?|该?付的|该?缴的|扣的?|[^,，]{0,3}[欠应])|今[天日][^,，]{0,3}(?:交|付|扣)的"
)
_DUE_TODAY = re.compile(r"今[天日](?:[^,，]{0,3}到期|[^,，]{0,2}扣|新|有没有|的|欠|没)")
_OF_MONEY = frozenset({"pay", "bill_query", "receipt", "refund_query", "bill_explain"})
_MADE_UP_FOR = re.compile(r"补|漏|没记|昨[天晚日]的?(?:卡|到|那次)")
# Somebody only went, heard or asked then: 昨天去你们办公室, 上礼拜申请的.
_PAST_DAY = re.compile(
    r"(?:昨[天晚日]|上.?(?:周|星期|[礼禮]拜)[一二三四五六日天]?)[^,，]{0,2}(?:去(?!年)|跟|听|折腾|才知道|申请|报的|来过|问|做梦|换|修)"
)
_WISHES_BESIDE = frozenset({"maintenance_done", "inspection_report", "equipment_query", "points_query"})


def period_told(intent: str, words: str) -> list[str]:
    """The periods this intent has a use for."""
    aside = list(dict.fromkeys(_aside(words))) if intent not in _NEVER else []
    if intent not in _TOLD:
        return aside
    if intent == "bill_history" and _THREE_YEARS.search(words):
        words = f"{words},近3年"
    if intent == "manager_report" and (whole := _WHOLE_YEAR.search(words)) and not periods_told(words):
        return [whole.lastgroup or ""]
    none = _not_told(intent, words)
    found = periods_told(words if intent == "manager_fee_op" else _BOUND.sub(" ", words))
    kept = [one for one in found if one not in none and not (intent in _WITHOUT_FIGURES and one[-1].isdigit())]
    return list(dict.fromkeys([*kept, *(aside if intent in _WISHES_BESIDE else ())]))


def _not_told(intent: str, words: str) -> frozenset[str]:
    none = _TOLD[intent]
    if intent in _OF_MONEY and _UP_TO_TODAY.search(words):
        none -= {"today"}
    if intent in _OF_MONEY and _PAST_DAY.search(words):
        none |= {"yesterday", "last_week"}
    if intent == "manager_arrears_list" and not _DUE_TODAY.search(words):
        none |= {"today"}
    if intent == "checkin" and _MADE_UP_FOR.search(words):
        none -= {"yesterday"}
    return none


def _aside(words: str) -> Iterator[str]:
    """The periods of a further wish: of money, or of what stops or was done on a day (灯坏了,顺便问上个月电费)."""
    for clause in clauses_of(words):
        of_money, of_a_day = _MONEY_ASIDE.search(clause), _DAY_ASIDE.search(clause)
        for one in periods_told(clause) if of_money or of_a_day else ():
            if (one not in _DAYS_NOW and of_money) or (one in _DAYS_NOW and of_a_day):
                yield one
