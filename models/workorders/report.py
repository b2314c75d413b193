"""T1, T2 and T5 in one go: somebody says what is broken, and in the same transaction somebody else is on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import NotFound, Refusal
from models.estate.tables import Community, Company, Home, home_label
from models.workorders import urgency, words
from models.workorders.actors import Actor, Reporter, system_actor
from models.workorders.announce import tell_office, tell_owner, tell_staff
from models.workorders.attachments import REPORT, Sent, attach
from models.workorders.categories import CERTIFIED_TRADES, OTHER, default_of
from models.workorders.dispatch import alarm, choose, contact_of, hand_to, why_nobody
from models.workorders.dispatch_score import Decision, Task
from models.workorders.move import Step, note, row_of, write_down
from models.workorders.place import Contact, View, snapshot, view_of, where_text
from models.workorders.states import ACCEPTED, DISPATCHED, NEW, OPEN
from models.workorders.tables import Category, WorkOrder
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


@dataclass(frozen=True)
class _Ground:
    """Where it is and what the company has laid down for this kind of trouble."""

    community: str
    hotline: str
    building: str
    label: str
    trade: str
    scope: str
    priority: str
    answer: str


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
    category: str | None = None,
    priority: str | None = None,
    attachments: Sequence[Sent] = (),
    on_behalf: bool = False,
    appointment: str = "",
    appointment_ends: datetime | None = None,
) -> Reported:
    """Make an order of what somebody said, accept it and send somebody at once.

    The same home with the same kind of trouble open for less than a day is one order: the new words join it. What is
    dangerous is never merged. The caller answers for `home_id` being one the speaker may speak for; that it lies in
    this community and company is checked here. Raises NotFound otherwise, Refusal for an empty problem.
    """
    if not problem.strip():
        raise Refusal("请说说哪里坏了。")
    category = category or next(iter(words.categories_of(problem)), OTHER)
    ground = _ground(session, company_id, community_id, home_id, category)
    priority = _priority(priority, problem, category, ground)
    open_one = _open_already(session, home_id, category, now) if priority != "P0" else None
    if open_one is not None and words.may_be_the_same_trouble(open_one.problem, problem, category):
        return _join(session, open_one, problem, attachments, actor, now, ground)
    order = WorkOrder(
        company_id=company_id,
        community_id=community_id,
        home_id=home_id,
        place=place[:64],
        category=category,
        trade=ground.trade,
        public=ground.scope == "public" or home_id is None or words.is_public_place(f"{place}{problem}"),
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
    return _begin(session, order, ground, decision, attachments, actor, now)


def _ground(session: Session, company_id: int, community_id: int, home_id: int | None, category: str) -> _Ground:
    """One statement. The home's row is locked, so that two people of one home who report at once make one order."""
    own = sa.and_(Category.company_id == company_id, Category.code == category, Category.active)
    query = (
        sa.select(Community.name, Company.hotline, Category.trade, Category.scope, Category.priority, Category.answer)
        .select_from(Community)
        .join(Company, Company.id == Community.company_id)
        .outerjoin(Category, own)
        .where(Community.id == community_id, Community.company_id == company_id)
    )
    if home_id is not None:
        query = (
            query.add_columns(Home.building, Home.entrance, Home.room)
            .join(Home, Home.community_id == Community.id)
            .where(Home.id == home_id)
            .with_for_update(of=Home)
        )
    row = session.execute(query).first()
    if row is None:
        raise NotFound("没有找到这个地址，请核对一下。")
    usual = default_of(category)
    return _Ground(
        community=row.name,
        hotline=row.hotline,
        building=row.building if home_id is not None else "",
        label=home_label(row.building, row.entrance, row.room) if home_id is not None else "",
        trade=row.trade or usual.trade,
        scope=row.scope or usual.scope,
        priority=row.priority or usual.priority,
        answer=row.answer or usual.answer,
    )


def _priority(given: str | None, problem: str, category: str, ground: _Ground) -> str:
    """The most urgent of what was given and what the words say; plain words leave it to the kind of trouble."""
    heard = urgency.priority_of(problem, category)
    if heard == "P2":  # nothing urgent in the words: the kind of trouble decides
        heard = ground.priority
    return min(given or heard, heard)


def _open_already(session: Session, home_id: int | None, category: str, now: datetime) -> WorkOrder | None:
    """The same trouble of the same home, still open and less than a day old. One statement."""
    if home_id is None:
        return None
    return session.scalars(
        sa.select(WorkOrder)
        .where(
            WorkOrder.home_id == home_id,
            WorkOrder.created_at > now - SAME_TROUBLE_WITHIN,
            WorkOrder.category == category,
            WorkOrder.state.in_(OPEN),
        )
        .order_by(WorkOrder.id.desc())
        .limit(1)
    ).first()


def _begin(
    session: Session,
    order: WorkOrder,
    ground: _Ground,
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
    session.add(order)
    session.flush()
    system = system_actor(order.company_id)
    rows = [row_of(order.id, Step("create"), actor, _role(actor), NOTHING, NEW, now)]
    for event in steps[1:]:
        before = rows[-1]["to_state"]
        step = Step(event, staff_id=order.staff_id)
        rows.append(row_of(order.id, step, system, "system", before, next_state(before, event, "system"), now))
    attach(session, order.id, attachments, stage=REPORT, by=actor.name, now=now)
    mark = write_down(session, order, rows, actor, deed="create", now=now)
    view = View(where_text(ground.community, ground.label, order.place), ground.hotline, worker)
    why = "" if worker else why_nobody(order.trade, decision)
    if order.source == "behalf":
        tell_owner(session, order, mark, "order_opened", snapshot(order, view), actor=actor)
    if worker is not None:
        hand_to(session, order, view, mark)
    if order.priority == "P0":
        alarm(session, order, view, mark, actor, why)
    elif worker is None and not decision.waits_for_morning:
        tell_office(session, order, mark, "order_unassigned", snapshot(order, view, why=why), actor=actor)
    told = _told(order, worker, is_new=True, waits_for_morning=decision.waits_for_morning, answer=ground.answer)
    return replace(told, opens_at=decision.opens_at)


def _join(
    session: Session,
    order: WorkOrder,
    problem: str,
    attachments: Sequence[Sent],
    actor: Actor,
    now: datetime,
    ground: _Ground,
) -> Reported:
    """The trouble is known already: what was said now is kept with it, and whoever is on it hears of it."""
    attach(session, order.id, [Sent("text", text=problem), *attachments], stage=REPORT, by=actor.name, now=now)
    mark = note(session, order, Step("words", reason=problem), actor=actor, now=now, role=_role(actor))
    view = view_of(session, order)
    tell_staff(session, view.worker, mark, "order_added", snapshot(order, view, words=problem))
    return _told(order, view.worker, is_new=False, waits_for_morning=False, answer=ground.answer)


def _told(order: WorkOrder, worker: Contact | None, *, is_new: bool, waits_for_morning: bool, answer: str) -> Reported:
    return Reported(
        order=order,
        is_new=is_new,
        worker_name=worker.name if worker else "",
        worker_phone=worker.phone if worker else "",
        waits_for_morning=waits_for_morning,
        answer=answer,
    )


def _role(actor: Actor) -> str:
    """What the table calls whoever reports: nobody has the order yet, so a worker is any worker."""
    role = {"worker": "other_worker", "cashier": "clerk"}.get(actor.role, actor.role)
    next_state(NOTHING, "create", role)
    return role
