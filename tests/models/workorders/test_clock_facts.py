"""What the clocks read from the story of an order."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.clock import SHANGHAI
from models.workorders.clock_facts import facts_of
from models.workorders.sla import Pause

BEGIN = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Event:
    minutes: int
    event: str
    from_state: str
    to_state: str
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return after(self.minutes)


def after(minutes: int) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


REPORT = [
    Event(0, "create", "-", "NEW"),
    Event(0, "accept", "NEW", "ACCEPTED"),
    Event(0, "dispatch", "ACCEPTED", "DISPATCHED"),
]
WORK = [
    Event(5, "take", "DISPATCHED", "TAKEN"),
    Event(20, "arrive", "TAKEN", "ON_SITE"),
    Event(30, "pause", "ON_SITE", "PAUSED", "等配件"),
    Event(90, "resume", "PAUSED", "ON_SITE"),
    Event(100, "done", "ON_SITE", "WAIT_CONFIRM"),
]


def test_each_clock_stops_at_the_first_step_that_answers_it() -> None:
    facts = facts_of("P2", BEGIN, [*REPORT, *WORK])
    assert (facts.answered_at, facts.arrived_at, facts.done_at) == (after(5), after(20), after(100))
    assert facts.pauses == (Pause(after(30), after(90), "等配件"),)
    assert (facts.started_at, facts.turn) == (BEGIN, 0)


def test_taken_and_given_back_was_answered_all_the_same() -> None:
    back = [
        *REPORT,
        WORK[0],
        Event(9, "hand_back", "TAKEN", "ACCEPTED"),
        Event(12, "dispatch", "ACCEPTED", "DISPATCHED"),
    ]
    assert facts_of("P2", BEGIN, back).answered_at == after(5)


def test_a_pause_ends_with_whatever_leads_out_of_it() -> None:
    moved = [*REPORT, *WORK[:3], Event(50, "transfer", "PAUSED", "DISPATCHED")]
    assert facts_of("P2", BEGIN, moved).pauses == (Pause(after(30), after(50), "等配件"),)
    assert facts_of("P2", BEGIN, [*REPORT, *WORK[:3]]).pauses == (Pause(after(30), None, "等配件"),)


def test_reopened_everything_begins_anew_and_the_appointment_is_over() -> None:
    events = [*REPORT, *WORK, Event(200, "reopen", "WAIT_CONFIRM", "ACCEPTED")]
    facts = facts_of("P1", BEGIN, events, appointment_ends=after(60))
    assert (facts.started_at, facts.started_by, facts.turn) == (after(200), "reopen", 1)
    assert (facts.answered_at, facts.done_at, facts.pauses, facts.appointment_ends) == (None, None, (), None)


def test_made_more_urgent_it_counts_from_there_and_less_urgent_from_the_beginning() -> None:
    raised = [*REPORT, WORK[0], Event(60, "set_priority", "TAKEN", "TAKEN", details={"from": "P2", "to": "P1"})]
    facts = facts_of("P1", BEGIN, raised)
    assert (facts.started_at, facts.answered_at, facts.arrived_at) == (after(60), after(60), None)
    lowered = [*REPORT, Event(60, "set_priority", "DISPATCHED", "DISPATCHED", details={"from": "P1", "to": "P2"})]
    assert facts_of("P2", BEGIN, lowered).started_at == BEGIN


def test_made_more_urgent_while_paused_the_pause_goes_on() -> None:
    events = [*REPORT, *WORK[:3], Event(60, "set_priority", "PAUSED", "PAUSED", details={"from": "P2", "to": "P1"})]
    assert facts_of("P1", BEGIN, events).pauses == (Pause(after(60), None, ""),)
