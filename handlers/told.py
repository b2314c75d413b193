"""A meaning as it is told outside: intents of the shared list (domain reference 6.1), and of the slots those an intent has a use for, by the
conventions of 6.2. Which ones people say with which intent was read off the written sentences.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from bot.understanding import Context, Meaning
from bot.understanding.normalise import corrected, fold, standard
from handlers.learned import FEE_ITEM, PRIORITY, answers, kinds
from handlers.phrases.coarser import COARSER
from handlers.told_amounts import amounts_told, spoken_sums
from handlers.told_choices import choices_told
from handlers.told_counts import counts_told
from handlers.told_fees import fees_told
from handlers.told_homes import homes_told, rooms_told
from handlers.told_names import names_told
from handlers.told_numbers import orders_told
from handlers.told_periods import period_told
from handlers.told_places import places_told
from handlers.told_ratings import rating_told
from handlers.told_readings import readings_told
from handlers.told_things import categories_told
from handlers.told_times import days_told, months_told
from handlers.told_visits import visits_told

_REPAIR = frozenset(
    [
        "repair_report",
        "repair_status",
        "repair_urge",
        "repair_cancel",
        "repair_reschedule",
        "repair_rate",
        "repair_reopen",
    ]
)
_WORK = frozenset(
    [
        "staff_accept",
        "staff_arrive",
        "staff_done",
        "staff_pause",
        "staff_transfer",
        "maintenance_done",
        "manager_dispatch",
        "staff_leave",
    ]
)
_DENIED = frozenset({"deny", "staff_my_tasks", "complaint", "manager_broadcast"})
_NO_FEE = frozenset(
    {"thanks", "greeting", "out_of_scope", "poll_vote", "poll_list", "poll_result", "meter_reading", "help"}
)
_MONEY = frozenset(["bill_query", "bill_history", "bill_explain", "pay", "receipt", "discount_query", "refund_query"])
_BOOKS = frozenset(["manager_dun", "manager_fee_op", "manager_arrears_list", "manager_collection_rate"])
_BY_THE_WAY = frozenset({"confirm", "manager_fee_op", "human", "feedback", "price_query", "provide_info"})
_ORDERS = (_REPAIR | _WORK | _DENIED | _MONEY | _BY_THE_WAY) - {"repair_report", "bill_history", "discount_query"}
_MONTHS = _MONEY | _BOOKS | {"manager_report", "manager_dispatch", "equipment_query"}
_DAYS = frozenset(
    (
        *("staff_leave", "staff_pause", "manager_broadcast", "checkin", "repair_reschedule"),
        *("refund_query", "discount_query", "manager_dun"),
    )
)
_AMOUNT = (
    _MONEY
    | {"manager_fee_op", "manager_dun", "manager_arrears_list"}
    | {"complaint", "staff_done", "price_query", "repair_reopen", "repair_rate", "repair_cancel"}
    | {"deny", "confirm", "provide_info"}
)
_ANSWERS = frozenset({"deny", "confirm", "provide_info"})
_OF_A_SUM = re.compile(r"[元块钱费价减退收交]|金额|数目")
_OF_A_NUMBER = re.compile(r"房号|门牌|电话|手机|尾号|后四位|最后.位|单号|读数|住址|我[是住]")
# With every other intent only what is surely a sum; with these none.
_NO_AMOUNT = frozenset({"repair_report", "points_query", "points_redeem", "meter_reading"})
_GIVES_WORK = frozenset({"manager_dispatch", "staff_transfer"})
_NAME = _GIVES_WORK | {"staff_leave"}

_READ = frozenset({"meter_reading", "inspection_report", "maintenance_done", "equipment_query"})
_MOST_STARS = 5
# Beside these wishes stars may be given for something else.
_STARS_BESIDE = frozenset({"repair_reopen", "repair_report", "repair_status", "checkin"})
_STARS_GIVEN = re.compile(r"(?:给|打|评|点)[^,，]{0,8}(?:星|分)")


def told(meaning: Meaning, text: str, role: str, context: Context) -> dict[str, Any]:
    """intent, slots, confidence, also."""
    intent = COARSER.get(meaning.intent, meaning.intent)
    return {
        "intent": intent,
        "slots": dict(_slots(intent, meaning, text, role, context)),
        "confidence": round(meaning.confidence, 3),
        "also": [told(other, text, role, context) for other in meaning.also],
    }


def _slots(intent: str, meaning: Meaning, text: str, role: str, context: Context) -> Iterator[tuple[str, Any]]:
    words = standard(text)
    said = answers(words, role, context.awaiting)
    found: dict[str, Callable[[], list[Any]]] = {
        "category": lambda: categories_told(intent, words, kinds(words, role, context.awaiting)),
        "fee_item": lambda: fees_told(
            words,
            {} if intent == "price_query" else said[FEE_ITEM],
            by_the_way=intent in _REPAIR | _WORK | _NO_FEE,
            of_money=intent in _MONEY,
        ),
        "house": lambda: homes_told(intent, text, context),
        "period": lambda: period_told(intent, words),
        "amount": lambda: _amounts(intent, words, text, context),
        "order_no": lambda: _orders(intent, meaning, words, text, role, context),
        "months": lambda: months_told(words) if intent in _MONTHS else [],
        "days": lambda: days_told(words) if intent in _DAYS else [],
        "option": lambda: choices_told(intent, text, context.awaiting),
        "count": lambda: counts_told(intent, words),
        "rating": lambda: _ratings(intent, meaning, text, context),
        "appointment": lambda: visits_told(intent, text, context.awaiting),
        "location": lambda: places_told(intent, text, context.awaiting),
        "assignee": lambda: _names(intent, meaning, text),
        "reading": lambda: readings_told(intent, text) if intent in _READ else [],
    }
    if intent == "repair_report":
        others = {name: much for name, much in said[PRIORITY].items() if name != "P0"}
        urgent = meaning.slots.get("priority") == "P0"
        yield "priority", "P0" if urgent else max(others, key=others.__getitem__)
    for name, look in found.items():
        values = list(dict.fromkeys(look()))
        if values:
            yield name, values[0] if len(values) == 1 else values
    for name, value in meaning.slots.items():
        if name not in found and _is_told(intent, name):
            yield name, value["text"] if isinstance(value, dict) else value


def _is_told(intent: str, name: str) -> bool:
    """Has this intent a use for a slot that the words may hold by chance? What is not listed here is always told."""
    of = {
        "priority": {"manager_dispatch"},
        "phone_tail": {"provide_info", "bind_house"},
    }
    return intent in of.get(name, {intent})


def _names(intent: str, meaning: Meaning, text: str) -> list[Any]:
    """As colleagues call him, or else whoever the conversation would look for."""
    if intent not in _NAME:
        return []
    known = meaning.slots.get("assignee")
    return names_told(corrected(fold(text))) or ([known] if known and intent in _GIVES_WORK else [])


def _ratings(intent: str, meaning: Meaning, text: str, context: Context) -> list[int]:
    known = meaning.slots.get("rating")
    if intent in _STARS_BESIDE:
        asked = intent == "repair_report" and context.awaiting == "awaiting_rating"
        found = (asked or _STARS_GIVEN.search(fold(text))) and rating_told(fold(text), None, awaited=False)
        return [found] if found else []
    if intent != "repair_rate" and not (intent in ("thanks", "complaint") and context.awaiting):
        return []
    found = rating_told(fold(text), known if isinstance(known, int) else None, awaited=intent == "repair_rate")
    return [] if found is None else [found]


def _orders(intent: str, meaning: Meaning, words: str, text: str, role: str, context: Context) -> list[int | str]:
    """What is a sum of money is no order's number."""
    if intent not in _ORDERS:
        return []
    orders = orders_told(intent, meaning, corrected(words), role)
    sums = _amounts(intent, words, text, context) if orders and len(orders) > 1 else []
    return [one for one in orders if str(one) not in sums]


def _amounts(intent: str, words: str, text: str, context: Context) -> list[str]:
    if intent in _NO_AMOUNT or context.awaiting == "ask_phone":
        return []
    if intent in _ANSWERS and _OF_A_NUMBER.search(words) and not _OF_A_SUM.search(words):
        return []
    rooms, spoken = rooms_told(intent, text, context), spoken_sums(fold(text))
    surely = intent not in _AMOUNT
    sums = amounts_told(
        words,
        rooms,
        books=intent == "manager_fee_op",
        spoken=spoken,
        surely=surely,
        of_money=intent in _MONEY | {"price_query"},
        denied=intent == "deny",
    )
    return [one for one in sums if intent != "repair_rate" or Decimal(one) > _MOST_STARS]
