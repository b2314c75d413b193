"""抄表 房号 读数: a meter's reading by home, by its sticker, in figures or spoken; what looks odd is asked once more.

「抄表」 alone tells how far this month's round is and where to go next.
"""

from fractions import Fraction
from typing import Any

from bot.flow import Again, Ask, Choice, Done, Flow, GoTo, Next, Outcome, Question, Slot, Turn
from handlers.keepsakes import take_keepsakes
from handlers.meter_round import next_one, progress
from handlers.meters import heard_meter, kept, number_alone, scanned_meter
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.which_compounds import compounds_meant
from handlers.which_home import NOT_FOUND, homes_meant
from models.billing.figures import counted
from models.billing.meter_actions import (
    Seen,
    history_of,
    label_of,
    master_meters,
    meters_of_homes,
    new_meter,
    record_reading,
)
from models.billing.meter_tables import Meter
from models.billing.metered import KIND_NAMES, UNITS
from models.billing.meters import Doubtful, Replacement, use_between
from models.billing.suspicion import doubts, usual_use
from models.errors import Refusal
from models.estate.tables import Home
from models.media.queue import mark_attached

SHOWN = 8
ASK_VALUE = "表上的数字是多少？"
NOT_A_NUMBER = "请只报表上的数字，比如「1234」或「1234.5」。"
SURE, ROLLED, REPLACED, AGAIN = "sure", "rolled", "replaced", "again"


# --- which meter ------------------------------------------------------------------------------------------------------


def take_meter(turn: Turn) -> Outcome:
    if turn.asked == "meter" and turn.choice is not None:
        return Next(turn.choice)
    if "meter" in turn.slots and turn.asked not in ("", "meter"):
        return None
    if turn.said("sticker"):
        meter = scanned_meter(turn, str(turn.said("sticker")))
        return Next(kept(turn, meter)) if meter is not None else None
    heard = heard_meter(turn)
    found = _masters(turn, heard) if heard.master else _at_home(turn, heard)
    if len(found) == 1 and ("meter_id" in found[0] or heard.kind):
        return Next(found[0])
    if found:
        turn.slots["meters"] = found[:SHOWN]
        return None
    return Again(NOT_FOUND) if turn.asked == "meter" else None


def _at_home(turn: Turn, heard: Any) -> list[dict[str, Any]]:
    """The meters of the homes that were said; of a home that has none, those it may get."""
    homes = homes_meant(turn, [home for home in heard.homes if home.room])
    if not homes:
        return []
    meters = meters_of_homes(turn.session, [home.id for home in homes], heard.kind)
    if meters:
        return [kept(turn, meter) for meter in meters]
    if len(homes) > 1:
        return []
    kinds = [heard.kind] if heard.kind else ["water", "electric"]
    return [
        {
            "home_id": homes[0].id,
            "kind": kind,
            "label": f"{homes[0].label}{KIND_NAMES[kind]}（还没有登记，现在登记）",
        }
        for kind in kinds
    ]


def _masters(turn: Turn, heard: Any) -> list[dict[str, Any]]:
    buildings = {home.building for home in heard.homes}
    meters = master_meters(turn.session, [community.id for community in compounds_meant(turn)])
    meant = [meter for meter in meters if not buildings or meter.building in buildings]
    return [kept(turn, meter) for meter in meant if not heard.kind or meter.kind == heard.kind]


def ask_meter(turn: Turn) -> Question:
    choices = turn.slots.get("meters", [])
    if choices:
        return Ask("是哪块表？", tuple(Choice(one, one["label"]) for one in choices))
    heard = heard_meter(turn)
    if heard.homes or heard.master:
        return "没有找到这块表。请说楼栋、单元和房号，比如「抄表 3-2-501 1234」。"
    return Done(progress(turn))


# --- what it shows ----------------------------------------------------------------------------------------------------


def take_value(turn: Turn) -> Outcome:
    if turn.asked == "value":
        value = number_alone(turn) or heard_meter(turn).value
        return Next(value) if value else Again(NOT_A_NUMBER) if turn.text else None
    if turn.asked in ("sure", "old_end", "new_start") or (turn.asked == "meter" and turn.choice is not None):
        return None
    value = heard_meter(turn).value
    return Next(value) if value else None


def take_sure(turn: Turn) -> Outcome:
    if turn.asked != "sure" or turn.choice is None:
        return None
    return GoTo("value", "好的，请再看一眼。") if turn.choice == AGAIN else Next(turn.choice)


def known_sure(turn: Turn) -> str | None:
    """Nothing is odd, or it is the first reading of a meter: no question."""
    return None if "meter_id" in turn.slots["meter"] and _odd(turn) else "plain"


def ask_sure(turn: Turn) -> Question:
    meter, value = _meter(turn), Fraction(turn.slots["value"])
    last = history_of(turn.session, meter)[-1]
    choices: tuple[Choice, ...]
    said = (
        f"{label_of(meter)}报的是{counted(value)}，{last.on:%m月%d日}是{counted(last.value)}：{'；'.join(_odd(turn))}。"
    )
    before = _before(turn)
    if before and value < before[-1]:
        choices = (
            Choice(ROLLED, "表走满一圈，从头走的"),
            Choice(REPLACED, "换过表"),
            Choice(AGAIN, "看错了，重新报"),
        )
    else:
        choices = (Choice(SURE, "看过了，没错"), Choice(AGAIN, "看错了，重新报"))
    return Ask(said, choices)


def _odd(turn: Turn) -> list[str]:
    """What is odd about the reading, the same day's first one included: it would be corrected."""
    meter, value = _meter(turn), Fraction(turn.slots["value"])
    today = [one for one in history_of(turn.session, meter) if one.on == turn.now.date()]
    if today and today[-1].value != value and meter.start_on != turn.now.date():
        return [f"今天已经抄过{counted(today[-1].value)}，要改成这个数", *doubts(_before(turn), value)]
    return [] if today else doubts(_before(turn), value)


def _before(turn: Turn) -> list[Fraction]:
    return [one.value for one in history_of(turn.session, _meter(turn)) if one.on < turn.now.date()]


def _take_number(name: str) -> Any:
    def take(turn: Turn) -> Outcome:
        if turn.asked != name:
            return None
        value = number_alone(turn)
        return Next(value) if value else Again(NOT_A_NUMBER)

    return take


def _known_number(turn: Turn) -> str | None:
    return None if turn.slots.get("sure") == REPLACED else ""


# --- writing it down --------------------------------------------------------------------------------------------------


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    meter, value, sure = _registered(turn), Fraction(turn.slots["value"]), turn.slots["sure"]
    before = _before(turn)
    replaced = None
    if sure == REPLACED:
        replaced = Replacement(Fraction(turn.slots["old_end"]), Fraction(turn.slots["new_start"]))
    if sure == ROLLED and meter.digits is None:
        meter.digits = len(str(int(before[-1])))
    pictures = [one["medium_id"] for one in turn.slots.get("kept", []) if one.get("medium_id")]
    seen = Seen(
        turn.now.date(), value, rolled=sure == ROLLED, replaced=replaced, photo=str(pictures[-1]) if pictures else ""
    )
    try:
        if sure == ROLLED:
            use_between(
                before[-1], value, digits=meter.digits, rolled_over=True, usual=usual_use(before)
            )  # 走满一圈 is not believed when it means far more than usual
        reading = record_reading(turn.session, meter, seen, by=person.log_name, source="chat", now=turn.now)
    except Doubtful as doubtful:
        raise Refusal(f"没有记：{doubtful}") from doubtful
    mark_attached(turn.session, pictures)
    used = ""
    if reading is not None and before:
        use = use_between(
            before[-1], value, ratio=Fraction(meter.ratio), replaced=replaced, digits=meter.digits,
            rolled_over=seen.rolled,
        )  # fmt: skip
        used = f"，上次{counted(before[-1])}，用了{counted(use)}{UNITS[meter.kind]}"
    first = "" if reading is not None else "（第一次，从这个数开始算）"
    return Done(f"记好了：{label_of(meter)} {counted(value)}{first}{used}。\n{next_one(turn, meter)}")


def _meter(turn: Turn) -> Meter:
    return turn.session.get_one(Meter, turn.slots["meter"]["meter_id"])


def _registered(turn: Turn) -> Meter:
    """The meter, put on the books now if somebody stands before one that nobody has written down."""
    said = turn.slots["meter"]
    if "meter_id" not in said:
        home = turn.session.get_one(Home, said["home_id"])
        meter = new_meter(home, home.community_id, said["kind"], now=turn.now)
        turn.session.add(meter)
        turn.session.flush()
        turn.slots["meter"] = kept(turn, meter)
    return _meter(turn)


def tell_progress(turn: Turn) -> Outcome:
    return Done(progress(turn))


_REFUSAL = "抄表是工作人员用的。觉得读数不对，请回复「人工」。"

READ = Flow(
    intent="meter_reading",
    title="抄表",
    roles=frozenset({"staff"}),
    commands=("抄表 {house?} {reading?}", "抄表 {text?}"),
    examples=EXAMPLES["meter_reading"],
    slots=(
        Slot("meter", take=take_meter, ask=ask_meter, awaiting="ask_house"),
        Slot("value", take=take_value, ask=ASK_VALUE, free_text=True),
        Slot("sure", take=take_sure, ask=ask_sure, known=known_sure),
        Slot(
            "old_end", take=_take_number("old_end"), ask="旧表最后的读数是多少？", known=_known_number, free_text=True
        ),
        Slot(
            "new_start",
            take=_take_number("new_start"),
            ask="新表装上时的读数是多少？",
            known=_known_number,
            free_text=True,
        ),
        Slot("kept", take=take_keepsakes, optional=True),
    ),
    finish=finish,
    refusal=_REFUSAL,
)
PROGRESS = Flow(
    intent="meter_progress",
    title="看抄表进度",
    roles=frozenset({"staff"}),
    commands=("抄表进度", "抄表完成率"),
    examples=("抄表进度", "抄表完成率", "表抄得怎么样了", "还有哪些表没抄", "这个月抄了多少表", "水表抄完了吗"),
    finish=tell_progress,
    quick=True,
    refusal=_REFUSAL,
)
FLOWS = (READ, PROGRESS)
