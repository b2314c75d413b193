"""Does the story of an order hold together? Recomputed from its rows and the table of transitions; pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from models.workorders.states import CLOSED, STATE_NAMES, WAIT_VISIT
from models.workorders.transitions import BEFORE_PAUSE, NOTHING, SAME, TABLE, VISIT_OR_CLOSED

_RULES = {name: [rule for rule in TABLE if rule.event == name] for name in {rule.event for rule in TABLE}}


class Event(Protocol):
    """A row of order_events, as far as this rule needs it."""

    @property
    def event(self) -> str: ...
    @property
    def from_state(self) -> str: ...
    @property
    def to_state(self) -> str: ...
    @property
    def actor_role(self) -> str: ...


class Step(NamedTuple):
    """An event by itself, to be compared with others."""

    event: str
    from_state: str
    to_state: str
    actor_role: str


def flaws(state: str, events: Sequence[Event]) -> Iterator[str]:
    """One sentence for each thing the rules do not allow; `events` in the order they were written."""
    if state not in STATE_NAMES:
        yield f"stands in {state!r}, which is no state"
    here, before_pause = NOTHING, ""
    for event in events:
        if event.from_state != here:
            yield f"{event.event} begins in {event.from_state}, but the order stood in {here}"
        elif not _allowed(event, before_pause):
            yield f"{event.event} by {event.actor_role} may not lead from {event.from_state} to {event.to_state}"
        if event.event == "pause":
            before_pause = event.from_state
        here = event.to_state
    if here != state:
        yield f"stands in {state}, but its last event ended in {here}"


def _allowed(event: Event, before_pause: str) -> bool:
    """Whether a rule of the table covers this step. What is only noted (a nudge, more words) leaves the state as it is."""
    rules = _RULES.get(event.event)
    if rules is None:
        return event.from_state == event.to_state and event.from_state != NOTHING
    return any(
        event.from_state in rule.origins
        and event.actor_role in rule.roles
        and event.to_state in _targets(rule.target, event.from_state, before_pause)
        for rule in rules
    )


def _targets(target: str, state: str, before_pause: str) -> tuple[str, ...]:
    if target == VISIT_OR_CLOSED:
        return (WAIT_VISIT, CLOSED)
    return ({SAME: state, BEFORE_PAUSE: before_pause}.get(target, target),)
