"""Looking at the clocks of one order: what is due is told, each rung once however many look, and when to look next is noted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import insert_or_ignore
from models.people.duty import on_night_duty
from models.workorders import climb, time_words
from models.workorders.actions_owner import NUDGES_UNTIL_MANAGER
from models.workorders.actors import system_actor
from models.workorders.announce import Ladder, ladder_of, tell_each, tell_owner, tell_staff
from models.workorders.climb import Alarm
from models.workorders.clock_facts import facts_of
from models.workorders.move import Mark, Step, note
from models.workorders.place import View, snapshot, view_of
from models.workorders.queries import events_of
from models.workorders.sla import (
    ARRIVE,
    CLOCK_NAMES,
    FINISH,
    RESPONSE,
    Clock,
    Facts,
    Rules,
    pause_used_up_at,
    read_clocks,
)
from models.workorders.states import OPEN
from models.workorders.tables import OrderAlarm, OrderClock, WorkOrder

AT_ONCE = 500

# What stands in the story of the order for each rung.
EVENTS = {
    climb.WARN: "warned",
    climb.LATE: "late",
    climb.MANAGER: "late_manager",
    climb.NEXT: "late_next",
    climb.CALL: "late_call",
    climb.PAUSE_REVIEW: "pause_review",
}
STORM = "storm"


def to_look_at(session: Session, now: datetime, *, limit: int = AT_ONCE) -> list[int]:
    """Open orders that were never looked at, that moved since, or whose next rung has come. One statement."""
    stale = sa.or_(
        OrderClock.order_id.is_(None),
        OrderClock.next_look_at <= now,
        OrderClock.moved_at != WorkOrder.moved_at,
        OrderClock.priority != WorkOrder.priority,
    )
    return list(
        session.scalars(
            sa.select(WorkOrder.id)
            .outerjoin(OrderClock, OrderClock.order_id == WorkOrder.id)
            .where(WorkOrder.state.in_(sorted(OPEN)), stale)
            .order_by(OrderClock.next_look_at, WorkOrder.id)
            .limit(limit)
        )
    )


@dataclass(frozen=True)
class Reading:
    """The clocks of an order and the facts they were read from."""

    facts: Facts
    clocks: tuple[Clock, ...]

    def named(self, name: str) -> Clock | None:
        return next((clock for clock in self.clocks if clock.name == name), None)


def read(session: Session, order: WorkOrder, rules: Rules, now: datetime) -> Reading:
    """One statement: the story of the order."""
    facts = facts_of(order.priority, order.created_at, events_of(session, order.id), order.appointment_ends)
    return Reading(facts, read_clocks(facts, rules, now))


def look_at(session: Session, order: WorkOrder, rules: Rules, *, now: datetime) -> int:
    """Tell what is due, note what was told and when to look again; returns how many rungs were told. Harmless when repeated."""
    if order.state not in OPEN:
        return 0
    reading = read(session, order, rules, now)
    facts = reading.facts
    climbed = _climbed(session, order.id, facts.turn)
    found = climb.look(
        reading.clocks,
        climbed,
        now,
        call_at=climb.call_at(order.priority, reading.clocks),
        review_at=pause_used_up_at(facts.pauses, rules.pause_days),
        manager_knows=order.nudges >= NUDGES_UNTIL_MANAGER,
    )
    fresh = {step for step in found.steps if _climb(session, order.id, facts.turn, step, now)}
    told = [alarm for alarm in found.alarms if _step_of(alarm) in fresh]
    if told:
        view = view_of(session, order)
        ladder = ladder_of(session, order.company_id, order.community_id)
        rungs = {alarm.rung for alarm in told}
        for alarm in told:
            _tell(session, order, view, ladder, alarm, rungs, rules, now)
    _say_storm(session, order, reading, climbed, now)
    _keep(session, order, reading, found.next_at)
    return len(told)


def _climbed(session: Session, order_id: int, turn: int) -> frozenset[str]:
    steps = sa.select(OrderAlarm.step).where(OrderAlarm.order_id == order_id, OrderAlarm.turn == turn)
    return frozenset(session.scalars(steps))


def _climb(session: Session, order_id: int, turn: int, step: str, now: datetime) -> bool:
    """True for exactly one of all who look at the same moment."""
    return insert_or_ignore(session, OrderAlarm, {"order_id": order_id, "turn": turn, "step": step, "at": now})


def _step_of(alarm: Alarm) -> str:
    return f"{alarm.clock.name}:{alarm.rung}" if alarm.clock is not None else alarm.rung


def _tell(
    session: Session,
    order: WorkOrder,
    view: View,
    ladder: Ladder,
    alarm: Alarm,
    rungs: Collection[str],
    rules: Rules,
    now: datetime,
) -> None:
    """`rungs`: all that are climbed in this look, so that a manager who stands in for the lead hears of it once."""
    system = system_actor(order.company_id)
    about = CLOCK_NAMES[alarm.clock.name] if alarm.clock else ""
    mark = note(session, order, Step(EVENTS[alarm.rung], reason=about), actor=system, now=now)
    if alarm.clock is None:
        _tell_of_order(session, order, view, ladder, alarm.rung, mark, rules)
        return
    clock = alarm.clock
    left = clock.deadline - now if clock.appointed else timedelta(seconds=clock.left_at(now))
    data = snapshot(
        order,
        view,
        what=about,
        step=clock.name,
        due=time_words.moment(clock.deadline, now),
        late=time_words.length(clock.late_by(now)),
        left=time_words.length(int(left.total_seconds())),
        nudges=order.nudges,
    )
    if alarm.rung == climb.WARN:
        tell_staff(session, view.worker, mark, "order_due_soon", data)
    elif alarm.rung == climb.LATE:
        new = time_words.promise(clock.at(150), clock.calendar, clock.seconds, now)
        apology = {**data, "promised": time_words.moment(new, now)}
        tell_owner(session, order, mark, "order_late", apology, actor=system)
        stands_in = () if climb.MANAGER in rungs else ladder.managers
        tell_each(session, ladder.leads or stands_in, mark, "order_overdue", data)
    elif alarm.rung == climb.MANAGER:
        tell_each(session, ladder.managers, mark, "order_overdue", data)
    else:
        tell_each(session, ladder.above, mark, "order_overdue", data)


def _tell_of_order(
    session: Session, order: WorkOrder, view: View, ladder: Ladder, rung: str, mark: Mark, rules: Rules
) -> None:
    """The two rungs that are about no clock: nobody answers a P0, or a pause has lasted too long."""
    if rung == climb.PAUSE_REVIEW:
        data = snapshot(order, view, reason=order.pause_reason, days=rules.pause_days)
        tell_each(session, ladder.managers or ladder.leads, mark, "order_pause_review", data)
        return
    on_duty = on_night_duty(session, order.company_id, order.community_id, mark.at)
    duty = [f"{person.name} {person.phone}".strip() for person in on_duty if person.id != order.staff_id]
    leads = [f"{lead.name} {lead.phone}".strip() for lead in ladder.leads]
    data = snapshot(order, view, minutes=int(climb.CALL_AFTER.total_seconds()) // 60, duty=duty, leads=leads)
    tell_each(session, [*ladder.leads, *ladder.managers, *ladder.above], mark, "order_call", data)


def _say_storm(session: Session, order: WorkOrder, reading: Reading, climbed: frozenset[str], now: datetime) -> None:
    """Owners who wait hear once that a storm makes it slower, and until when it is promised now."""
    stretched = [clock for clock in reading.clocks if clock.storm is not None and clock.stopped_at is None]
    if not stretched or stretched[-1].storm is None:
        return
    step = f"{STORM}:{stretched[-1].storm.number}"
    if step in climbed or not _climb(session, order.id, reading.facts.turn, step, now):
        return
    system = system_actor(order.company_id)
    mark = note(session, order, Step(STORM), actor=system, now=now)
    last = stretched[-1]
    data = snapshot(
        order, view_of(session, order), what=CLOCK_NAMES[last.name], due=time_words.moment(last.deadline, now)
    )
    tell_owner(session, order, mark, "order_storm", data, actor=system)


def _keep(session: Session, order: WorkOrder, reading: Reading, next_at: datetime | None) -> None:
    due = {clock.name: clock.deadline for clock in reading.clocks}
    values = {
        "moved_at": order.moved_at,
        "priority": order.priority,
        "response_due": due[RESPONSE],
        "arrive_due": due.get(ARRIVE),
        "finish_due": due[FINISH],
        "next_look_at": next_at,
    }
    if insert_or_ignore(session, OrderClock, {"order_id": order.id, **values}):
        return
    session.execute(
        sa.update(OrderClock)
        .where(OrderClock.order_id == order.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
