"""我的报修, 进度: how far it is."""

from bot.flow import Done, Flow, Next, Outcome, Slot, Turn
from handlers.links import order_link
from handlers.order_story import STEPS, comes_next, step_words
from handlers.phrases import EXAMPLES
from handlers.resident.own_order import SHOWN, order_line
from handlers.speaker import Person
from models.errors import NotFound
from models.workorders.followers import followed_by
from models.workorders.queries import Line, events_of, find, line_of, orders_of_person
from models.workorders.states import FINAL, STATE_NAMES
from models.workorders.tables import WorkOrder

NOTHING = "您还没有报过修。哪里坏了，直接告诉我就行。"


def take_number(turn: Turn) -> Outcome:
    said = turn.said("order_no")
    return Next(int(said)) if said else None


def show(turn: Turn) -> Outcome:
    person: Person = turn.speaker
    if "order" in turn.slots:
        try:
            order = find(turn.session, person.actor(), turn.slots["order"])
        except NotFound:
            followed = followed_by(turn.session, person.account, person.openid, turn.slots["order"])
            if followed is None:
                raise
            return Done(where_it_stands(turn, line_of(turn.session, followed)))
        return Done(story(turn, line_of(turn.session, order)))
    found = orders_of_person(turn.session, person.account, person.openid, limit=SHOWN)
    if not found:
        return Done(NOTHING)
    waiting = [line for line in found if line.order.state not in FINAL]
    if len(found) == 1 or (len(waiting) == 1 and not turn.text.startswith("我的报修")):
        return Done(story(turn, (waiting or found)[0]))
    lines = "\n".join(order_line(line.order) for line in found)
    return Done(f"您最近的报修：\n{lines}\n看哪一张的经过，回复「进度 {found[0].order.id}」这样。")


def story(turn: Turn, line: Line) -> str:
    """One order: what, where it stands, who has it, and what was done when."""
    said = [order_line(line.order)]
    if line.worker:
        said.append(f"师傅：{line.worker}{f'，电话 {line.worker_phone}' if line.worker_phone else ''}")
    steps = [step for step in events_of(turn.session, line.order.id) if step.event in STEPS]
    said += [f"{step.at:%m-%d %H:%M} {step_words(step)}" for step in steps[-8:]]
    if line.order.appointment:
        said.append(f"约好的时间：{line.order.appointment}")
    said.append(_next(line.order))
    if link := order_link(turn, line.order):
        said.append(link)
    return "\n".join(said)


def where_it_stands(turn: Turn, line: Line) -> str:
    """What somebody who only follows may know: where it is and how far, in none of the reporter's words."""
    said = [f"您跟进的 #{line.order.id} {line.where}（{STATE_NAMES[line.order.state]}）"]
    steps = [step for step in events_of(turn.session, line.order.id) if step.event in STEPS]
    said += [f"{step.at:%m-%d %H:%M} {STEPS[step.event].replace('您', '报修人')}" for step in steps[-8:]]
    if line.order.state not in FINAL:
        said.append("有新的进展会告诉您。")
    return "\n".join(said)


def _next(order: WorkOrder) -> str:
    """What the person can do now."""
    if order.state == "WAIT_CONFIRM":
        return "修得怎么样？回复1到5打分，5是很满意；没修好请说「没修好」。"
    if order.state == "WAIT_PAY":
        return comes_next(order)
    if order.state in FINAL or order.state == "WAIT_VISIT":
        return f"这一张现在是“{STATE_NAMES[order.state]}”。"
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
