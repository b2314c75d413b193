"""回访 N: somebody of the office called; how the owner found it, and the order is closed."""

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Slot, Turn
from handlers.speaker import Person
from handlers.which_order import chosen_order, order_slot, said_text, seen
from models.workorders.actions import visited
from models.workorders.actions_desk import VISIT_RESULTS

ASK_RESULT = Ask("住户怎么说？", tuple(Choice(result, result) for result in VISIT_RESULTS))


def take_result(turn: Turn) -> Outcome:
    """Which of the four words was said; 不满意 means 不满 and not the 满意 in it."""
    if turn.asked == "result" and turn.choice is not None:
        return Next(str(turn.choice))
    words = turn.text if turn.asked == "result" else said_text(turn)
    careful_first = ("联系不上", "不满", "一般", "满意")
    found = next((result for result in careful_first if result in words), None)
    return Next(found) if found else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order, result = chosen_order(turn), str(turn.slots["result"])
    visited(turn.session, order, now=turn.now, actor=person.actor(), result=result)
    then = f"要再修请回复「返修 {order.id}」。" if result == "不满" else "回复「工单」看其他的。"
    return Done(f"#{order.id} 回访记下了：{result}，已办结。{then}")


FLOW = Flow(
    intent="manager_follow_up",
    title="登记回访",
    roles=frozenset({"manager"}),
    commands=("回访 {order_no?} {text?}",),
    examples=("回访", "12号单回访过了满意", "登记回访", "回访12号单联系不上"),
    slots=(
        order_slot(seen("WAIT_VISIT"), "没有等着回访的单。", "回访的是哪一单？", "visited"),
        Slot("result", take=take_result, ask=lambda turn: ASK_RESULT),
    ),
    finish=finish,
    refusal="回访由物业来做。要评价，请回复「评价 工单号 5」。",
)
