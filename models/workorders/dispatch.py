"""Sending somebody: choosing by the rule of `dispatch_score.py`, or by the manager's word."""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import plain
from models.errors import Refusal
from models.estate.tables import Home
from models.estate.working_days import calendars_of
from models.people.duty import on_night_duty
from models.people.tables import Staff
from models.workorders.actors import Actor
from models.workorders.announce import tell_office, tell_owner, tell_staff, workers_to_wake
from models.workorders.candidates import candidates_for
from models.workorders.categories import CERTIFIED_TRADES, OUTSIDE_TRADES
from models.workorders.dispatch_score import WAKING, Candidate, Decision, Task, decide, on_call, reasons_against
from models.workorders.move import Mark, Step, advance
from models.workorders.place import Contact, View, snapshot, view_of
from models.workorders.reopening import is_managers
from models.workorders.states import ACCEPTED
from models.workorders.tables import OrderEvent, WorkOrder


@dataclass(frozen=True)
class Dispatched:
    """`worker` is None when nobody could be sent; then `why` says so in words a manager reads."""

    worker: Contact | None
    why: str = ""
    waits_for_morning: bool = False


def dispatch(
    session: Session, order: WorkOrder, *, now: datetime, actor: Actor, preferred: int | None = None
) -> Dispatched:
    """T5: send the best person there is. Nobody to send is no error: the order waits and the office is told.

    Raises AlreadyDone if the order moved meanwhile, Refusal if it does not wait for anybody.
    """
    if is_managers(order.reopened) and not order.danger:
        return _managers(session, order, actor)
    building = session.scalar(sa.select(Home.building).where(Home.id == order.home_id)) if order.home_id else ""
    task = Task(
        priority=order.priority,
        trade=order.trade,
        needs_certificate=order.trade in CERTIFIED_TRADES,
        excluded=frozenset(order.excluded),
        preferred=preferred,
    )
    decision = choose(session, task, order.company_id, order.community_id, building or "", order.home_id, now)
    if decision.chosen is None:
        return _nobody(session, order, decision, now, actor)
    chosen = decision.chosen
    mark = advance(
        session,
        order,
        [Step("dispatch", staff_id=chosen.staff_id)],
        actor=actor,
        now=now,
        changes={"staff_id": chosen.staff_id, "dispatched_at": now},
    )
    hand_to(session, order, view_of(session, order), mark)
    return Dispatched(contact_of(chosen))


def dispatch_to(session: Session, order: WorkOrder, staff: Staff, *, now: datetime, actor: Actor) -> tuple[str, ...]:
    """派单 N 姓名: the office decides. Returns what speaks against this person, for the manager to know.

    Raises Refusal if the law forbids it (no valid certificate), AlreadyDone if the order moved meanwhile.
    """
    building = session.scalar(sa.select(Home.building).where(Home.id == order.home_id)) if order.home_id else ""
    known = candidates_for(
        session,
        company_id=order.company_id,
        community_id=order.community_id,
        building=building or "",
        trade=order.trade,
        but_not_order=order.id,
    )
    task = Task(order.priority, order.trade, needs_certificate=order.trade in CERTIFIED_TRADES)
    against = next((reasons_against(task, one, now) for one in known if one.staff_id == staff.id), ("不是维修师傅",))
    against += () if staff.openid else ("收不到微信，请打电话告诉他",)
    if any("证没有登记或已过期" in reason for reason in against):
        raise Refusal(f"{staff.name}的{order.trade}证没有登记或已过期，不能派这一单。")
    if order.staff_id == staff.id:
        raise Refusal(f"#{order.id} 本来就派给了{staff.name}。")
    before = view_of(session, order)
    mark = advance(
        session,
        order,
        [Step("dispatch" if order.state == ACCEPTED else "transfer", staff_id=staff.id)],
        actor=actor,
        now=now,
        changes={"staff_id": staff.id, "dispatched_at": now, "taken_at": None, "arrived_at": None, "paused_at": None},
    )
    view = view_of(session, order)
    hand_to(session, order, view, mark)
    tell_staff(session, before.worker, mark, "order_reassigned", snapshot(order, view))
    return against


def choose(
    session: Session,
    task: Task,
    company_id: int,
    community_id: int,
    building: str,
    home_id: int | None,
    now: datetime,
) -> Decision:
    """Whom the rule would send; for what is urgent, when it would send nobody, who is on night duty. Nobody, without
    looking, where only another firm can help."""
    if task.trade in OUTSIDE_TRADES:
        return Decision(chosen=None)
    candidates = candidates_for(
        session,
        company_id=company_id,
        community_id=community_id,
        building=building,
        trade=task.trade,
        home_id=home_id,
        only_here=task.priority not in WAKING,  # for what cannot wait somebody may come from further away
    )
    if task.priority not in WAKING:
        calendar = calendars_of(session, company_id, now).of(community_id)
        return decide(task, candidates, now, calendar=calendar)
    decision = decide(task, candidates, now)
    if decision.chosen is not None:
        return decision
    roster = [person.id for person in on_night_duty(session, company_id, community_id, now)]
    return replace(decision, chosen=on_call(task, candidates, roster, now))


def why_nobody(trade: str, decision: Decision) -> str:
    """In one sentence, for the office: why the rule sends nobody."""
    if trade in OUTSIDE_TRADES:
        return f"要联系{trade}，请尽快打电话。"
    if decision.waits_for_morning:
        return "现在不是上班时间，早上自动派单。"
    here = [verdict for verdict in decision.verdicts if verdict.candidate.works_here]
    reasons = [f"{verdict.candidate.name}{'、'.join(verdict.reasons)}" for verdict in here]
    return "没有合适的人：" + "；".join(reasons[:6]) + "。" if reasons else "这个小区还没有登记师傅。"


def hand_to(session: Session, order: WorkOrder, view: View, mark: Mark) -> None:
    """The order went to somebody: they hear of it, and go to the end of the queue of those who wait for work."""
    session.execute(_TO_THE_END, {"staff": order.staff_id, "assigned": mark.at})
    tell_staff(session, view.worker, mark, "order_assigned", snapshot(order, view))


_TO_THE_END = (
    sa.update(plain(Staff))
    .where(plain(Staff).c.id == sa.bindparam("staff"))
    .values(assigned_at=sa.bindparam("assigned"))
)


def alarm(session: Session, order: WorkOrder, view: View, mark: Mark, actor: Actor, why: str) -> None:
    """A P0 is known to the office in the same second; if nobody could be sent, to everybody on duty there as well, and to
    every worker of the compound, at home or not, when nobody is on duty."""
    data = snapshot(order, view, why=why)
    tell_office(session, order, mark, "order_urgent", data, actor=actor)
    if view.worker is None:
        for contact in workers_to_wake(session, order.company_id, order.community_id):
            tell_staff(session, contact, mark, "order_urgent", data)


def contact_of(candidate: Candidate) -> Contact:
    return Contact(candidate.staff_id, candidate.name, candidate.phone, candidate.account, candidate.openid)


def _managers(session: Session, order: WorkOrder, actor: Actor) -> Dispatched:
    """Mended in vain so often that no rule sends anybody: the office arranges it."""
    why = "已经返修三次，请您亲自安排。"
    last = sa.select(OrderEvent.event).where(OrderEvent.order_id == order.id).order_by(OrderEvent.id.desc()).limit(1)
    if session.scalar(last) != "reopen":  # of the reopening itself the office hears in other words
        mark, view = _last_mark(session, order), view_of(session, order)
        tell_office(session, order, mark, "order_unassigned", snapshot(order, view, why=why), actor=actor)
    return Dispatched(None, why)


def _nobody(session: Session, order: WorkOrder, decision: Decision, now: datetime, actor: Actor) -> Dispatched:
    why = why_nobody(order.trade, decision)
    if not decision.waits_for_morning:
        mark = _last_mark(session, order)
        view = view_of(session, order)
        if order.priority == "P0":
            alarm(session, order, view, mark, actor, why)
        else:
            tell_office(session, order, mark, "order_unassigned", snapshot(order, view, why=why), actor=actor)
        tell_owner(session, order, mark, "order_delayed", snapshot(order, view), actor=actor)
    return Dispatched(None, why, decision.waits_for_morning)


def _last_mark(session: Session, order: WorkOrder) -> Mark:
    """The step an order took last: what is told because of it is told once. A nudge or a warning moves nothing."""
    moved = sa.or_(OrderEvent.from_state != OrderEvent.to_state, OrderEvent.event == "set_priority")
    latest = sa.select(sa.func.max(OrderEvent.id)).where(OrderEvent.order_id == order.id, moved)
    return Mark(order.id, session.scalar(latest) or 0, order.moved_at)
