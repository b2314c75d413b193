"""免收 12, 维持收费 12: what the manager decides about the bill of a repair."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_order import chosen_order, order_slot, said_text, seen, short
from models.workorders.charging import uphold, waive
from models.workorders.states import WAIT_PAY

_MANAGER = frozenset({"manager"})
_NOTHING = "现在没有等着付费的工单。"


def take_reason(turn: Turn) -> Outcome:
    if turn.asked == "reason":
        return Next(turn.text.strip()) if turn.text.strip() else None
    words = said_text(turn)
    return Next(words) if words else None


def question(turn: Turn) -> str:
    order = chosen_order(turn)
    return (
        f"要免收 #{order.id}「{short(order.problem)}」的费用吗？原因：{turn.slots['reason']}。账单会冲红，住户会知道。"
    )


def let_off(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    waive(turn.session, order, now=turn.now, actor=person.actor(), reason=turn.slots["reason"])
    return Done(f"#{order.id} 免收了，账单已冲红，已告诉住户。")


def keep(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    uphold(turn.session, order, now=turn.now, actor=person.actor(), reason=turn.slots["reason"])
    return Done(f"#{order.id} 的费用不变，理由已告诉住户。")


_REASON = Slot("reason", take=take_reason, ask="原因是什么？说一句就行。", free_text=True)

WAIVE = Flow(
    intent="manager_fee_waive",
    title="免收维修费",
    roles=_MANAGER,
    commands=("免收 {order_no?} {text?}",),
    slots=(order_slot(seen(WAIT_PAY), _NOTHING, "免收哪一单？", "waive"), _REASON),
    confirm=question,
    finish=let_off,
    refusal="免收由经理决定。觉得费用不对，请回复「费用有异议」加单号。",
)
UPHOLD = Flow(
    intent="manager_fee_uphold",
    title="维持收费",
    roles=_MANAGER,
    commands=("维持收费 {order_no?} {text?}",),
    slots=(order_slot(seen(WAIT_PAY), _NOTHING, "维持哪一单的费用？"), _REASON),
    finish=keep,
    refusal="这件事由经理决定。觉得费用不对，请回复「费用有异议」加单号。",
)
FLOWS = (WAIVE, UPHOLD)
