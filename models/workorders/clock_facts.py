"""What the clocks of an order need to know, read from the steps of its story. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from models.workorders.sla import Facts, Pause
from models.workorders.states import ON_SITE, PAUSED, TAKEN, WAIT_CONFIRM, WAIT_PAY

_ANSWERED = frozenset({TAKEN, ON_SITE, WAIT_CONFIRM, WAIT_PAY})
_ARRIVED = frozenset({ON_SITE, WAIT_CONFIRM, WAIT_PAY})
_DONE = frozenset({WAIT_CONFIRM, WAIT_PAY})


class Event(Protocol):
    """A row of order_events, as far as this rule needs it."""

    @property
    def at(self) -> datetime: ...
    @property
    def event(self) -> str: ...
    @property
    def from_state(self) -> str: ...
    @property
    def to_state(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


def facts_of(
    priority: str, created_at: datetime, events: Sequence[Event], appointment_ends: datetime | None = None
) -> Facts:
    """`events`: the whole story in the order it was written.

    Clocks begin with the report; anew when it is reopened, and when it is made more urgent: nobody can be late for what was
    not urgent yet. An appointment made before a reopening is over.
    """
    beginnings = [place for place, event in enumerate(events) if _begins_anew(event)]
    since = beginnings[-1] if beginnings else 0
    own = events[since:]
    reopened = any(events[place].event == "reopen" for place in beginnings)
    begun = events[since] if beginnings else None
    return Facts(
        priority=priority,
        started_at=begun.at if begun is not None else created_at,
        started_by=begun.event if begun is not None else "",
        turn=len(beginnings),
        answered_at=_first(own, _ANSWERED),
        arrived_at=_first(own, _ARRIVED),
        done_at=_first(own, _DONE),
        pauses=tuple(_pauses(own)),
        appointment_ends=None if reopened else appointment_ends,
    )


def _begins_anew(event: Event) -> bool:
    if event.event == "set_priority":
        return str(event.details.get("to", "")) < str(event.details.get("from", ""))
    return event.event == "reopen"


def _first(events: Sequence[Event], states: frozenset[str]) -> datetime | None:
    return next((event.at for event in events if event.to_state in states), None)


def _pauses(events: Sequence[Event]) -> list[Pause]:
    """From 挂起 to whatever led out of it: 恢复, 转单, 取消 or the end."""
    pauses: list[Pause] = []
    for event in events:
        under_way = bool(pauses) and pauses[-1].ends is None
        if event.to_state == PAUSED and not under_way:
            pauses.append(Pause(event.at, None, event.reason))
        elif event.to_state != PAUSED and under_way:
            pauses[-1] = Pause(pauses[-1].begins, event.at, pauses[-1].reason)
    return pauses
