"""A picture, a recording or a place sent by itself: it joins the order it most likely belongs to, or begins one."""

from datetime import timedelta

from bot.flow import Detour, Done, Outcome, Turn
from handlers.keepsakes import keep
from handlers.speaker import Person
from models.workorders.actions import add_attachment
from models.workorders.attachments import Sent
from models.workorders.photos import NAMES, sent_again, wanted_from
from models.workorders.queries import orders_of_person, tasks_of
from models.workorders.states import OPEN
from models.workorders.tables import WorkOrder

# How long after a report what is sent still belongs to it.
BELONGS_FOR = timedelta(hours=2)

CALLED = {**NAMES, "location": "位置"}


def send_along(turn: Turn) -> Outcome:
    kept = keep(turn)
    if kept is None:
        return Done("收到了。要报修请说一句哪里坏了。")
    name = CALLED[kept["kind"]]
    person: Person = turn.speaker
    wanted = wanted_from(turn.session, person.account, person.openid, kept["kind"])
    order = wanted or _its_order(turn)
    if order is not None:
        add_attachment(turn.session, order, [Sent(**kept)], now=turn.now, actor=person.actor())
        if wanted is not None:
            sent_again(turn.session, wanted.id, person.account, person.openid, kept["kind"])
        return Done(f"{name}已经附在工单 #{order.id} 上。{_next(turn, order)}")
    if person.is_staff:
        return Done(f"{name}收到了，但您手上没有进行中的单。先「接单」，或说「代报修 房号 哪里坏了」。")
    return Detour("repair_report", {"kept": [kept]})


def _its_order(turn: Turn) -> WorkOrder | None:
    """A worker's newest order in hand; a resident's newest open report of the last hours."""
    person: Person = turn.speaker
    if person.staff is not None:
        in_hand = tasks_of(turn.session, person.staff.id, states=("TAKEN", "ON_SITE", "WAIT_CONFIRM"))
        return in_hand[0].order if in_hand else None
    recent = orders_of_person(turn.session, person.account, person.openid, states=OPEN, limit=1)
    return recent[0].order if recent and turn.now - recent[0].order.created_at <= BELONGS_FOR else None


def _next(turn: Turn, order: WorkOrder) -> str:
    person: Person = turn.speaker
    return f"修好了请说「完工 {order.id} 做了什么」。" if person.is_staff else "师傅看得到。"
