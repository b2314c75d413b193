"""T1, T2 and T5 in one go: somebody says what is broken, and in the same transaction somebody else is on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_at_once
from models.errors import Refusal
from models.workorders import urgency, words
from models.workorders.actors import Actor, Reporter, system_actor
from models.workorders.alike import ALIKE_WITHIN
from models.workorders.announce import tell_office, tell_owner, tell_staff
from models.workorders.attachments import REPORT, Sent, attach
from models.workorders.categories import CERTIFIED_TRADES, OTHER
from models.workorders.dispatch import alarm, choose, contact_of, hand_to, why_nobody
from models.workorders.dispatch_score import Decision, Task
from models.workorders.ground import Ground, ground_of
from models.workorders.move import Step, note, row_of, write_down
from models.workorders.place import Contact, View, snapshot, view_of, where_text
from models.workorders.states import ACCEPTED, DISPATCHED, NEW, OPEN
from models.workorders.tables import WorkOrder
from models.workorders.transitions import NOTHING, next_state

SAME_TROUBLE_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Reported:
    """What came of a report. `is_new` is False when the words joined an order that was open already.

    `worker_name` is "" when nobody could be sent yet; `waits_for_morning` when that is only because of the hour,
    and then `opens_at` is when somebody will be sent.
    """

    order: WorkOrder
    is_new: bool
    worker_name: str = ""
    worker_phone: str = ""
    waits_for_morning: bool = False
    opens_at: datetime | None = None
    answer: str = ""  # who is responsible for this kind of thing, in words for the owner
    place: str = ""  # the public place it turned out to be at, with its compound: 锦绣花园3栋2单元电梯
    alike: int | None = None  # what somebody else reported at that place within the hour


def report(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    company_id: int,
    community_id: int,
    home_id: int | None,
    place: str,
    problem: str,
    reporter: Reporter,
    place_id: int | None = None,
    category: str | None = None,
    priority: str | None = None,
    attachments: Sequence[Sent] = (),
    on_behalf: bool = False,
    appointment: str = "",
    appointment_ends: datetime | None = None,
) -> Reported:
    """Make an order of what somebody said, accept it and send somebody at once.

    The same home with the same kind of trouble open for less than a day is one order: the new words join it. What is
    dangerous is never merged. `place_id` is a public place that was scanned; without it the words may name one. The caller
    answers for `home_id` being one the speaker may speak for; that home and place lie in this community and company is
    checked here. Raises NotFound otherwise, Refusal for an empty problem.
    """
    if not problem.strip():
        raise Refusal("请说说哪里坏了。")
    category = category or next(iter(words.categories_of(problem)), OTHER)
    ground = ground_of(session, company_id, community_id, home_id, place_id, category, problem)
    priority = _priority(priority, problem, category, ground)
    open_here = _open_already(session, home_id, ground.place_id, now) if priority != "P0" else ()
    for order in open_here:
        if _same(order, home_id, reporter, category, problem):
            return _join(session, order, problem, attachments, actor, now, ground)
    alike = _alike(open_here, ground.place_id, reporter, now)
    order = WorkOrder(
        company_id=company_id,
        community_id=community_id,
        home_id=home_id,
        place_id=ground.place_id,
        place=(ground.place or place)[:64],
        category=category,
        trade=ground.trade,
        public=ground.scope == "public"
        or home_id is None
        or ground.place_id is not None
        or words.is_public_place(f"{place}{problem}"),
        priority=priority,
        danger=priority == "P0",
        problem=problem,
        state=ACCEPTED,
        source="behalf" if on_behalf else actor.source,
        account=reporter.account,
        openid=reporter.openid,
        reporter_id=reporter.person_id,
        reporter_name=reporter.name,
        reporter_phone=reporter.phone,
        appointment=appointment[:64],
        appointment_ends=appointment_ends if appointment_ends is not None and appointment_ends > now else None,
        created_at=now,
        moved_at=now,
        accepted_at=now,
        excluded=[],
    )
    task = Task(priority, ground.trade, needs_certificate=ground.trade in CERTIFIED_TRADES)
    decision = choose(session, task, company_id, community_id, ground.building, home_id, now)
    return replace(
        _begin(session, order, ground, decision, attachments, actor, now), alike=alike.id if alike is not None else None
    )


def _priority(given: str | None, problem: str, category: str, ground: Ground) -> str:
    """The most urgent of what was given and what the words say; plain words leave it to the kind of trouble."""
    heard = urgency.priority_of(problem, category)
    if heard == "P2":  # nothing urgent in the words: the kind of trouble decides
        heard = ground.priority
    return min(given or heard, heard)


def _open_already(session: Session, home_id: int | None, place_id: int | None, now: datetime) -> Sequence[WorkOrder]:
    """What is open at this home or this place and less than a day old, the newest first. One statement, none for neither."""
    if home_id is None and place_id is None:
        return []
    asked = {"home": home_id, "place": place_id, "since": now - SAME_TROUBLE_WITHIN}
    return session.scalars(_open_here(home_id is not None, place_id is not None), asked).all()


@cache
def _open_here(at_home: bool, at_place: bool) -> sa.Select[WorkOrder]:
    here = [WorkOrder.home_id == sa.bindparam("home")] if at_home else []
    here += [WorkOrder.place_id == sa.bindparam("place")] if at_place else []
    return (
        sa.select(WorkOrder)
        .where(sa.or_(*here), WorkOrder.created_at > sa.bindparam("since"), WorkOrder.state.in_(OPEN))
        .order_by(WorkOrder.id.desc())
        .limit(20)
    )


def _same(order: WorkOrder, home_id: int | None, reporter: Reporter, category: str, problem: str) -> bool:
    """Is it what this household, or this very person, has reported already?"""
    own = reporter.openid is not None and (order.account, order.openid) == (reporter.account, reporter.openid)
    theirs = own or (home_id is not None and order.home_id == home_id)
    return theirs and order.category == category and words.may_be_the_same_trouble(order.problem, problem, category)


def _alike(open_here: Sequence[WorkOrder], place_id: int | None, reporter: Reporter, now: datetime) -> WorkOrder | None:
    """The first thing somebody else reported at this place within the hour: it may be the same."""
    others = [
        order
        for order in open_here
        if place_id is not None
        and order.place_id == place_id
        and order.created_at >= now - ALIKE_WITHIN
        and (order.account, order.openid) != (reporter.account, reporter.openid)
    ]
    return others[-1] if others else None


def _begin(
    session: Session,
    order: WorkOrder,
    ground: Ground,
    decision: Decision,
    attachments: Sequence[Sent],
    actor: Actor,
    now: datetime,
) -> Reported:
    """Write the order down as it stands after its first steps, and promise what others must hear."""
    worker = contact_of(decision.chosen) if decision.chosen else None
    steps = ["create", "accept"]
    if worker is not None:
        steps.append("dispatch")
        order.state, order.staff_id, order.dispatched_at = DISPATCHED, worker.staff_id, now
    insert_at_once(session, order)
    system = system_actor(order.company_id)
    rows = [row_of(order.id, Step("create"), actor, _role(actor), NOTHING, NEW, now)]
    for event in steps[1:]:
        before = rows[-1]["to_state"]
        step = Step(event, staff_id=order.staff_id)
        rows.append(row_of(order.id, step, system, "system", before, next_state(before, event, "system"), now))
    attach(session, order.id, attachments, stage=REPORT, by=actor.name, now=now)
    mark = write_down(session, order, rows, actor, deed="create", now=now)
    view = View(where_text(ground.community, ground.home_label, order.place), ground.hotline, worker)
    why = "" if worker else why_nobody(order.trade, decision)
    if order.source == "behalf":
        tell_owner(session, order, mark, "order_opened", snapshot(order, view), actor=actor)
    if worker is not None:
        hand_to(session, order, view, mark)
    if order.priority == "P0":
        alarm(session, order, view, mark, actor, why)
    elif worker is None and not decision.waits_for_morning:
        tell_office(session, order, mark, "order_unassigned", snapshot(order, view, why=why), actor=actor)
    told = _told(order, worker, ground, is_new=True, waits_for_morning=decision.waits_for_morning)
    return replace(told, opens_at=decision.opens_at)


def _join(
    session: Session,
    order: WorkOrder,
    problem: str,
    attachments: Sequence[Sent],
    actor: Actor,
    now: datetime,
    ground: Ground,
) -> Reported:
    """The trouble is known already: what was said now is kept with it, and whoever is on it hears of it."""
    attach(session, order.id, [Sent("text", text=problem), *attachments], stage=REPORT, by=actor.name, now=now)
    mark = note(session, order, Step("words", reason=problem), actor=actor, now=now, role=_role(actor))
    view = view_of(session, order)
    tell_staff(session, view.worker, mark, "order_added", snapshot(order, view, words=problem))
    return _told(order, view.worker, ground, is_new=False, waits_for_morning=False)


def _told(
    order: WorkOrder, worker: Contact | None, ground: Ground, *, is_new: bool, waits_for_morning: bool
) -> Reported:
    return Reported(
        order=order,
        is_new=is_new,
        worker_name=worker.name if worker else "",
        worker_phone=worker.phone if worker else "",
        waits_for_morning=waits_for_morning,
        answer=ground.answer,
        place=f"{ground.community}{ground.place}" if ground.place_id is not None else "",
    )


def _role(actor: Actor) -> str:
    """What the table calls whoever reports: nobody has the order yet, so a worker is any worker."""
    role = {"worker": "other_worker", "cashier": "clerk"}.get(actor.role, actor.role)
    next_state(NOTHING, "create", role)
    return role
