"""扫一扫: somebody stands before a public place. What is being mended there is told and may be followed; everything else is
reported in one line, one recording or one picture."""

from collections.abc import Sequence
from typing import Any

from bot.flow import Ask, Choice, Detour, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers import spots
from handlers.keepsakes import keepsake
from handlers.meters import kept, scanned_meter
from handlers.speaker import Person
from handlers.telling import tells_what_is_wrong
from models.billing.meter_tables import Meter
from models.workorders.categories import OTHER
from models.workorders.followers import AtPlace, follow_order, open_at
from models.workorders.tables import WorkOrder

STANDS = {
    "NEW": "刚收到",
    "ACCEPTED": "正在安排师傅",
    "DISPATCHED": "已通知师傅",
    "TAKEN": "师傅已接单",
    "ON_SITE": "师傅正在处理",
    "PAUSED": "先停一停",
}
METER = "这是水电表上的贴纸，抄表的师傅用的。哪里坏了，直接说一句就行。"
SOMETHING_ELSE = "报另外的毛病"


def on_scan(turn: Turn) -> Outcome:
    """A sticker of ours was scanned by somebody who follows already."""
    return arrived(turn, turn.incoming.scene)


def arrived(turn: Turn, scene: str, say: str = "") -> Outcome:
    """Go on with the place of this sticker; `say` is said first."""
    spot = spots.scanned(turn, scene)
    if spot is None and (meter := scanned_meter(turn, scene)) is not None:
        return _at_meter(turn, meter, say)
    if spot is None:
        return Done(f"{say}\n{spots.UNKNOWN}" if say else spots.UNKNOWN)
    return Detour("place_scanned", {"spot": spots.kept(turn, spot)}, say=say)


def take_spot(turn: Turn) -> Outcome:
    """The letters of a sticker instead of a scan."""
    if not turn.said("sticker"):
        return None
    spot = spots.typed(turn)
    if spot is None and (meter := scanned_meter(turn, str(turn.said("sticker")))) is not None:
        found = _at_meter(turn, meter)
        return Done("", then=found) if isinstance(found, Detour) else found
    return Next(spots.kept(turn, spot)) if spot is not None else Done(spots.UNKNOWN)


def _at_meter(turn: Turn, meter: Meter, say: str = "") -> Done | Detour:
    """The sticker of a meter: whoever reads meters goes on with it."""
    person: Person = turn.speaker
    if not person.is_staff:
        return Done(f"{say}\n{METER}" if say else METER)
    return Detour("meter_reading", {"meter": kept(turn, meter)}, say=say)


def take_what(turn: Turn) -> Outcome:
    """One of our numbers, or straight away what else is wrong here."""
    if turn.asked != "what":
        return None
    if turn.choice is not None:
        return Next(turn.choice) if turn.choice else _report(turn)
    if keepsake(turn.incoming):
        return _report(turn)
    if tells_what_is_wrong(turn, turn.text):
        return _report(turn, problem=turn.text)
    return None


def ask_what(turn: Turn) -> Question:
    person: Person = turn.speaker
    spot = turn.slots["spot"]
    if spots.is_over(turn, spot):
        return Done(spots.TOO_LATE)
    found = open_at(turn.session, person.actor(), spot["place_id"])
    others = [one.order for one in found if not one.is_theirs]
    if not others:
        return _report(turn, say="\n".join(_own_line(turn, one) for one in found))
    return Ask(_already(turn, spot, others), _choices(others))


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = follow_order(turn.session, int(turn.slots["what"]), now=turn.now, actor=person.actor())
    return Done(f"好的，#{order.id} 有进展就告诉您，修好了也告诉您。不用再报了。")


def _report(turn: Turn, say: str = "", **slots: Any) -> Done:
    return Done(say, then=Detour("repair_report", {"spot": turn.slots["spot"], **slots}))


def _already(turn: Turn, spot: dict[str, Any], orders: Sequence[WorkOrder]) -> str:
    lines = [f"{spot['label']}：已报，处理中。", *(_line(turn, order) for order in orders)]
    return "\n".join([*lines, "是同一件事就回复数字；还有别的毛病，直接说就行。"])


def _line(turn: Turn, order: WorkOrder) -> str:
    """Where it stands, in plain words: nothing of who reported it or what they said."""
    what = "" if order.category == OTHER else f"{order.category}，"
    same_day = order.created_at.date() == turn.now.date()
    since = f"今天 {order.created_at:%H:%M}" if same_day else f"{order.created_at:%m-%d %H:%M}"
    return f"#{order.id} {what}{since} 报的，{STANDS[order.state]}。"


def _own_line(turn: Turn, one: AtPlace) -> str:
    whose = "您报的" if one.is_own else "您跟进的"
    return f"{whose} {_line(turn, one.order)}有进展会告诉您。"


def _choices(orders: Sequence[WorkOrder]) -> tuple[Choice, ...]:
    follow = tuple(Choice(order.id, f"跟进 #{order.id}，有进展告诉我") for order in orders)
    return (*follow, Choice(0, SOMETHING_ELSE))


FLOW = Flow(
    intent="place_scanned",
    title="看这里报过什么",
    slots=(
        Slot("spot", take=take_spot, ask=spots.UNKNOWN),
        Slot("what", take=take_what, ask=ask_what, free_text=True, answers=frozenset({"repair_report"})),
    ),
    finish=finish,
)
