"""查因 N: why the same thing broke again and again, for whoever has to do with that place next."""

from bot.flow import Ask, Choice, Done, Flow, Next, Outcome, Question, Slot, Turn
from handlers.speaker import Person
from handlers.which_order import chosen_order, said_text, take_order_no
from models.workorders.actions import cause_found
from models.workorders.follow_up_lists import Owed, causes_to_find

SHOWN = 8


def only_order(turn: Turn) -> int | None:
    found = _to_find(turn)
    return found[0].order.id if len(found) == 1 else None


def ask_order(turn: Turn) -> Question:
    found = _to_find(turn)
    if not found:
        return Done("现在没有要查原因的重复故障。")
    return Ask("查清的是哪一处？", tuple(Choice(one.order.id, repeat_line(one)) for one in found))


def take_cause(turn: Turn) -> Outcome:
    words = turn.text.strip() if turn.asked == "cause" else said_text(turn)
    return Next(words) if words else None


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order, cause = chosen_order(turn), str(turn.slots["cause"])
    cause_found(turn.session, order, now=turn.now, actor=person.actor(), cause=cause)
    return Done(f"#{order.id} 的原因记下了：{cause}。以后看这张单的经过都能看到。")


def repeat_line(one: Owed) -> str:
    """#12 锦绣花园 3栋2单元501 管道 30天3次"""
    return f"#{one.order.id} {one.where} {one.order.category} 30天{len(one.task.details.get('orders', []))}次"


def _to_find(turn: Turn) -> list[Owed]:
    person: Person = turn.speaker
    return causes_to_find(turn.session, person.actor(), limit=SHOWN)


FLOW = Flow(
    intent="manager_find_cause",
    title="记下重复故障的原因",
    roles=frozenset({"manager"}),
    commands=("查因 {order_no?} {text?}",),
    examples=("查因", "12号单的根本原因找到了", "重复故障有哪些", "查到原因了是立管老化", "哪些地方老是坏"),
    slots=(
        Slot("order", take=take_order_no, known=only_order, ask=ask_order),
        Slot("cause", take=take_cause, ask="查到什么原因？说一句就行。", free_text=True),
    ),
    finish=finish,
    refusal="重复故障的原因由物业来登记。",
)
