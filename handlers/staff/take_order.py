"""接单: the one that was sent, or one that waits for anybody who can do it."""

from bot.flow import Done, Flow, Outcome, Turn
from handlers.phrases import EXAMPLES
from handlers.speaker import Person
from handlers.which_order import SHOWN, chosen_order, in_hand, order_slot, place_of
from models.workorders.actions import take
from models.workorders.queries import Line, may_grab


def to_take(turn: Turn) -> list[Line]:
    """What was sent to the speaker; when nothing was, what waits for somebody of their trade."""
    sent = in_hand("DISPATCHED")(turn)
    person: Person = turn.speaker
    return sent or may_grab(turn.session, person.actor(), limit=SHOWN)


def finish(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    order = chosen_order(turn)
    take(turn.session, order, now=turn.now, actor=person.actor())
    who = f"\n联系：{order.reporter_name} {order.reporter_phone}".rstrip() if order.reporter_phone else ""
    return Done(
        f"接好了，#{order.id} 是您的了。\n地点：{place_of(turn, order)}\n问题：{order.problem}{who}\n"
        f"到了请回复「到场 {order.id}」。"
    )


FLOW = Flow(
    intent="staff_accept",
    title="接单",
    roles=frozenset({"staff"}),
    commands=("接单 {order_no?}",),
    examples=EXAMPLES["staff_accept"],
    awaiting=frozenset({"order_pushed"}),
    slots=(order_slot(to_take, "现在没有等您接的单。有新单会马上发给您。", "要接哪一单？"),),
    finish=finish,
    refusal="接单是师傅用的。要报修，直接说哪里坏了就行。",
)
