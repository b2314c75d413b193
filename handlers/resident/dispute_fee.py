"""费用有异议 12 …: the bill of a repair does not seem right; the manager decides."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.resident.own_order import chosen_order, order_slot
from handlers.speaker import Person
from models.workorders.charging import dispute
from models.workorders.states import WAIT_PAY


def take_reason(turn: Turn) -> Outcome:
    if turn.asked == "reason":
        return Next(turn.text.strip()) if turn.text.strip() else None
    words = str(turn.said("text") or "").strip()
    return Next(words) if words else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    dispute(turn.session, order, now=turn.now, actor=person.actor(), reason=turn.slots["reason"])
    return Done(f"记下了，#{order.id} 的费用先不用交，经理会核对，有结果马上告诉您。")


FLOW = Flow(
    intent="fee_dispute",
    title="对维修费用提异议",
    commands=("费用有异议 {order_no?} {text?}",),
    slots=(
        order_slot((WAIT_PAY,), "您现在没有等着付费的维修。账单有疑问，请回复「为什么」。", "对哪一张的费用有异议？"),
        Slot("reason", take=take_reason, ask="您觉得哪里不对？说一句就行。", free_text=True),
    ),
    finish=finish,
)
