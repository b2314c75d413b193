"""退单: with a reason; the next one is asked at once."""

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.which_order import chosen_order, free_words, in_hand, order_slot
from models.workorders.actions import hand_back

REASONS = ("走不开", "没有配件", "不会修这个")
ASK_REASON = Ask("为什么退？请选一个，或直接说。", tuple(Choice(reason, reason) for reason in REASONS))


def take_reason(turn: Turn) -> Outcome:
    if turn.asked == "reason":
        return Next(str(turn.choice or turn.text).strip())
    words = free_words(turn, "staff_refuse", ("退单", "不接"))
    return Next(words) if words else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    sent = hand_back(turn.session, order, now=turn.now, actor=person.actor(), reason=turn.slots["reason"])
    then = f"已转给{sent.worker.name}" if sent.worker else "经理会另外安排"
    return Done(f"#{order.id} 已退，{then}。回复「我的任务」看看手上还有什么。")


FLOW = Flow(
    intent="staff_refuse",
    title="退单",
    roles=frozenset({"staff"}),
    commands=("退单 {order_no?} {text?}",),
    examples=EXAMPLES["staff_refuse"],
    awaiting=frozenset({"order_pushed"}),
    slots=(
        order_slot(in_hand("DISPATCHED", "TAKEN"), "您手上没有可以退的单。", "要退哪一单？", "hand_back"),
        Slot("reason", take=take_reason, ask=lambda turn: ASK_REASON, free_text=True),
    ),
    finish=finish,
    refusal="退单是师傅用的。不想修了，请回复「取消报修」。",
)
