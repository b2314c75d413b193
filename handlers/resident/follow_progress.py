"""我的报修, 进度: how far it is."""

from models.workorders.queries import own_order, own_orders, steps_of, worker_of
from models.workorders.states import STATE_NAMES

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.phrases import EXAMPLES
from handlers.resident.own_order import SHOWN, order_line
from handlers.speaker import Person
from models.workorders.tables import WorkOrder

NOTHING = "您还没有报过修。哪里坏了，直接告诉我就行。"


def take_number(turn: Turn) -> Outcome:
    said = turn.said("order_no")
    return Next(int(said)) if said else None


def show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    homes = frozenset(home.home_id for home in person.homes)
    if "order" in turn.slots:
        return Done(story(turn, own_order(turn.session, turn.slots["order"], person.actor(), homes)))
    orders = own_orders(turn.session, person.actor(), homes, states=None, limit=SHOWN)
    if not orders:
        return Done(NOTHING)
    if len(orders) == 1:
        return Done(story(turn, orders[0]))
    lines = "\n".join(order_line(order) for order in orders)
    return Done(f"您最近的报修：\n{lines}\n看哪一张的经过，回复「进度 {orders[0].id}」这样。")


def story(turn: Turn, order: WorkOrder) -> str:
    """One order: what, where it stands, who has it, and what was done when."""
    lines = [order_line(order)]
    worker = worker_of(turn.session, order)
    if worker is not None:
        lines.append(f"师傅：{worker.name}{f'，电话 {worker.phone}' if worker.phone else ''}")
    lines += [f"{step.at:%m-%d %H:%M} {step.words}" for step in steps_of(turn.session, order)]
    if order.appointment:
        lines.append(f"约好的时间：{order.appointment}")
    lines.append(_next(order))
    return "\n".join(lines)


def _next(order: WorkOrder) -> str:
    """What the person can do now."""
    if order.state == "WAIT_CONFIRM":
        return "修得怎么样？回复1到5打分，5是很满意；没修好请说「没修好」。"
    if order.closed_at is not None:
        return f"这一张是“{STATE_NAMES[order.state]}”。"
    return f"等急了可以说「催单 {order.id}」，不用修了说「取消报修 {order.id}」。"


FLOW = Flow(
    intent="repair_status",
    title="看报修进度",
    commands=("我的报修", "进度 {order_no?}"),
    examples=EXAMPLES["repair_status"],
    slots=(Slot("order", take=take_number, optional=True),),
    finish=show,
    quick=True,
)
