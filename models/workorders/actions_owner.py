"""What the people of a home do with their order: ask again, add something, call it off, rate it, say it is not mended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import AlreadyDone, NotFound, Refusal
from models.workorders.actions_follow_up import begin_visit, facts_of, note_new_stars, settle_by_reopening
from models.workorders.actors import Actor, system_actor
from models.workorders.announce import tell_office, tell_owner, tell_staff
from models.workorders.attachments import REPORT, WORK, Sent, attach
from models.workorders.dispatch import Dispatched, dispatch
from models.workorders.follow_up import BAD_RATING, needs_visit
from models.workorders.move import Mark, Step, advance, change_if_unmoved, hats, lives_there, not_found, note
from models.workorders.place import snapshot, view_of
from models.workorders.queries import RATING_EDITABLE
from models.workorders.reopening import UNTIL_MANAGER, back_to_the_same, blames_the_work, in_time, is_managers
from models.workorders.states import CLOSED, FINAL, OPEN, STATE_NAMES, WAIT_CONFIRM, WAIT_VISIT, one_step_up
from models.workorders.tables import WorkOrder

NUDGE_EVERY = timedelta(minutes=30)
NUDGES_UNTIL_MANAGER = 2
REOPENS_UNTIL_MANAGER = UNTIL_MANAGER

_STEPS_BACK: dict[str, Any] = {  # what an order forgets when it begins anew
    "staff_id": None,
    "dispatched_at": None,
    "taken_at": None,
    "arrived_at": None,
    "done_at": None,
    "closed_at": None,
    "excluded": [],
    "nudges": 0,
    "nudged_at": None,
    "unrated": False,
}


@dataclass(frozen=True)
class Nudged:
    """A nudge that counted. `times` so far; `manager_told` from the second on, or when nobody has the order yet."""

    times: int
    worker_name: str
    manager_told: bool


def nudge(session: Session, order: WorkOrder, *, now: datetime, actor: Actor) -> Nudged:
    """催单: never a new order, counted once in 30 minutes (domain rules 2.5).

    Raises AlreadyDone when it was nudged less than 30 minutes ago, Refusal when there is nothing to wait for any more.
    """
    must_concern(session, order, actor)
    if order.state not in OPEN:
        raise Refusal(f"#{order.id} 现在是「{STATE_NAMES[order.state]}」，不用催了。")
    table = WorkOrder.__table__
    times = session.scalar(
        sa.update(WorkOrder)
        .where(
            table.c.id == order.id,
            table.c.state.in_(OPEN),
            sa.or_(table.c.nudged_at.is_(None), table.c.nudged_at <= now - NUDGE_EVERY),
        )
        .values(nudges=table.c.nudges + 1, nudged_at=now)
        .returning(table.c.nudges)
        .execution_options(synchronize_session=False)
    )
    session.refresh(order)
    if times is None:
        raise AlreadyDone(f"#{order.id} 刚刚已经催过，师傅和物业都知道了，请您稍等。")
    mark = note(session, order, Step("nudge"), actor=actor, now=now, role="reporter")
    view = view_of(session, order)
    data = snapshot(order, view, times=times)
    tell_staff(session, view.worker, mark, "order_nudged", data)
    to_manager = times >= NUDGES_UNTIL_MANAGER or view.worker is None
    if to_manager:
        tell_office(session, order, mark, "order_impatient", data, actor=actor)
    return Nudged(times, view.worker.name if view.worker else "", to_manager)


def add_words(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, text: str) -> None:
    """Something more to know about an order that is still open; whoever is on it hears it."""
    add_attachment(session, order, [Sent("text", text=text)], now=now, actor=actor)


def add_attachment(session: Session, order: WorkOrder, sent: Sequence[Sent], *, now: datetime, actor: Actor) -> None:
    """Pictures, recordings, places or words that belong to an order. What its worker sends is kept as proof of the work."""
    must_concern(session, order, actor)
    if order.state in FINAL:
        raise Refusal(f"#{order.id} 现在是「{STATE_NAMES[order.state]}」，不能再补充了。")
    by_worker = "worker" in hats(order, actor)
    attach(session, order.id, sent, stage=WORK if by_worker else REPORT, by=actor.name, now=now)
    said = " ".join(one.text for one in sent if one.text)
    kinds = sorted({one.kind for one in sent})
    mark = note(session, order, Step("added", reason=said, details={"kinds": kinds}), actor=actor, now=now)
    if not by_worker and order.staff_id is not None:
        view = view_of(session, order)
        words = said or "发来了新的照片或录音"
        tell_staff(session, view.worker, mark, "order_added", snapshot(order, view, words=words))


def cancel(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, reason: str = "") -> None:
    """T23, T24. What endangers others is called off by staff on the spot, never by the reporter. Raises Refusal for that."""
    refuse_if_dangerous(session, order, actor)
    before = view_of(session, order)
    mark = advance(
        session,
        order,
        [Step("cancel", reason=reason)],
        actor=actor,
        now=now,
        changes={"closed_at": now},
    )
    data = snapshot(order, before, reason=reason, by=actor.name)
    tell_owner(session, order, mark, "order_cancelled", data, actor=actor)
    if before.worker is not None and before.worker.staff_id != actor.staff_id:
        tell_staff(session, before.worker, mark, "order_cancelled", data)


def refuse_if_dangerous(session: Session, order: WorkOrder, actor: Actor) -> None:
    """Raises Refusal when the actor may not call the order off because it is about danger."""
    if order.danger and not {"manager", "worker"} & set(hats(order, actor)) and order.state in OPEN:
        must_concern(session, order, actor)
        raise Refusal(f"#{order.id} 关系到安全，要等师傅到现场确认，不能自己取消。有新情况请直接告诉我。")


def rate(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, stars: int, text: str = "") -> None:
    """T18, T19 评价: 1–5, one rating an order, which may be changed for 24 hours. Two or less, and the office follows it up.

    Raises Refusal for another number or after the time, NotFound for an outsider.
    """
    if stars not in range(1, 6):
        raise Refusal("请用1到5打分：5是很满意，1是很不满意。")
    values: dict[str, Any] = {"rating": stars, "rating_text": text, "rated_at": now}
    if order.rated_at is not None and order.state in (CLOSED, WAIT_VISIT):
        must_concern(session, order, actor)
        if now - order.rated_at > RATING_EDITABLE:
            raise Refusal(f"#{order.id} 的评价已经超过24小时，不能再改了。")
        values["rated_at"] = order.rated_at
        change_if_unmoved(session, order, values, "rate_good", actor)
        step = Step("rate_again", reason=text, details={"stars": stars})
        mark = note(session, order, step, actor=actor, now=now, role="reporter")
        note_new_stars(session, order, stars)
    else:
        mark = _first_rating(session, order, now, actor, values)
    if stars <= BAD_RATING:
        begin_visit(session, order, mark, stars=stars, low=True)
        view = view_of(session, order)
        tell_office(
            session, order, mark, "order_low_rating", snapshot(order, view, stars=stars, text=text), actor=actor
        )


def remark(session: Session, order: WorkOrder, *, now: datetime, actor: Actor, text: str) -> None:
    """Words about the work that are no rating; they stay with the order."""
    must_concern(session, order, actor)
    note(session, order, Step("words", reason=text), actor=actor, now=now, role="reporter")


def reopen(
    session: Session, order: WorkOrder, *, now: datetime, actor: Actor, reason: str = "", same_fault: bool = True
) -> Dispatched:
    """T21 没修好: back to the same worker, one step more urgent, unless the owner was unhappy with them.

    People of the home may say so for 7 days after it was done, and for 30 if it is the same fault; the office always.
    The third time the manager takes it over. Raises Refusal when it is too late.
    """
    by_office = bool({"clerk", "manager"} & set(hats(order, actor)))
    _must_be_in_time(session, order, now, actor, same_fault or by_office)
    former, unhappy = order.staff_id, not back_to_the_same(order.rating)
    times = order.reopened + 1
    blamed = blames_the_work(reason, same_fault=same_fault, by_office=by_office)
    priority = one_step_up(order.priority)
    details = {"times": times, "blamed": blamed, "from": order.priority, "to": priority}
    mark = advance(
        session,
        order,
        [Step("reopen", reason=reason, staff_id=former, details=details)],
        actor=actor,
        now=now,
        changes={
            **_STEPS_BACK,
            "reopened": times,
            "priority": priority,
            "excluded": [former] if unhappy and former is not None else [],
        },
    )
    settle_by_reopening(session, order, now=now, actor=actor, by_office=by_office)
    system = system_actor(order.company_id)
    sent = dispatch(session, order, now=now, actor=system, preferred=None if unhappy else former)
    if is_managers(times) or unhappy:
        data = snapshot(order, view_of(session, order), reason=reason, times=times)
        tell_office(session, order, mark, "order_reopened", data, actor=actor)
    return sent


def must_concern(session: Session, order: WorkOrder, actor: Actor) -> None:
    """Raises NotFound unless the actor is staff there, the reporter, or lives in the home."""
    if not hats(order, actor) and not lives_there(session, order, actor):
        raise NotFound(not_found(order.id))


def _first_rating(session: Session, order: WorkOrder, now: datetime, actor: Actor, values: dict[str, Any]) -> Mark:
    if order.state == CLOSED and order.unrated:
        raise Refusal(f"#{order.id} 的评价时间已经过了。如果没修好，请说「没修好 {order.id}」。")
    stars = values["rating"]
    bad = stars <= BAD_RATING
    sampled = not bad and order.state == WAIT_CONFIRM and visit_wanted(session, order, stars=stars)
    step = Step(
        "rate_bad" if bad else "rate_good",
        reason=values["rating_text"],
        sampled=sampled,
        details={"stars": stars},
    )
    closed = {} if bad or sampled else {"closed_at": now}
    mark = advance(session, order, [step], actor=actor, now=now, changes={**values, **closed})
    if sampled:
        begin_visit(session, order, mark, stars=stars, low=False)
    return mark


def visit_wanted(session: Session, order: WorkOrder, *, stars: int | None) -> bool:
    """Whether somebody of the office calls about this order. One statement."""
    facts = facts_of(session, order)
    return needs_visit(
        order_id=order.id,
        priority=order.priority,
        category=order.category,
        paid=facts.paid,
        percent=facts.percent,
        stars=stars,
    )


def _must_be_in_time(session: Session, order: WorkOrder, now: datetime, actor: Actor, same_fault: bool) -> None:
    must_concern(session, order, actor)
    if {"clerk", "manager"} & set(hats(order, actor)) or order.done_at is None:
        return
    since = now - order.done_at
    if not in_time(since, same_fault=same_fault):
        raise Refusal(f"#{order.id} 修好已经{since.days}天了，请重新报修：直接说哪里坏了就行。")
