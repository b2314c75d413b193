"""Who had an order in hand, from when until when, and what came of it: read from the steps of its story. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from models.workorders.sla import Pause

_HANDED = frozenset({"dispatch", "transfer", "grab"})
_GIVEN_AWAY = frozenset({"hand_back", "timeout", "cancel", "reject", "merge"})
_DONE = frozenset({"done", "done_paid"})
_RATED = frozenset({"rate_good", "rate_bad", "rate_again"})


class Event(Protocol):
    """A row of order_events, as far as this rule needs it."""

    @property
    def at(self) -> datetime: ...
    @property
    def event(self) -> str: ...
    @property
    def staff_id(self) -> int | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


@dataclass
class Round:
    """An order in the hands of one worker. `done_at` is None while they are at it; `reopened` is "", "blamed" or "other"."""

    staff_id: int
    priority: str
    given_at: datetime
    answered_at: datetime | None = None
    arrived_at: datetime | None = None
    done_at: datetime | None = None
    pauses: list[Pause] = field(default_factory=list)
    stars: int | None = None
    reopened: str = ""


def rounds_of(priority: str, events: Sequence[Event]) -> list[Round]:
    """Everybody who finished it, in order, and last who has it now. `priority` is what it is now.

    Who gave it back, let it time out or passed it on did not do this work and is not in the list.
    """
    story = _Story(_priority_at_first(priority, events))
    for event in events:
        story.hear(event)
    if story.current is not None:
        story.finished.append(story.current)
    return story.finished


class _Story:
    """An order while its steps are read one after the other."""

    def __init__(self, priority: str) -> None:
        self.priority = priority
        self.current: Round | None = None
        self.finished: list[Round] = []

    def hear(self, event: Event) -> None:
        if event.event in _HANDED and event.staff_id is not None:
            self.current = Round(event.staff_id, self.priority, event.at)
            if event.event == "grab":
                self.current.answered_at = event.at
        elif event.event in ("set_priority", "reopen"):
            self._changes(event)
        elif event.event in _RATED:
            self._rated(event)
        elif self.current is not None:
            self._works(self.current, event)

    def _works(self, now: Round, event: Event) -> None:
        if event.event == "take":
            now.answered_at = event.at
        elif event.event == "arrive":
            now.arrived_at = event.at
            now.answered_at = now.answered_at or event.at
        elif event.event == "pause":
            now.pauses.append(Pause(event.at, None, event.reason))
        elif event.event == "resume" and now.pauses:
            now.pauses[-1] = Pause(now.pauses[-1].begins, event.at, now.pauses[-1].reason)
        elif event.event in _DONE:
            now.done_at = event.at
            self.finished.append(now)
            self.current = None
        elif event.event in _GIVEN_AWAY:
            self.current = None

    def _changes(self, event: Event) -> None:
        self.priority = event.details.get("to") or self.priority
        if event.event == "reopen" and self.finished:
            self.finished[-1].reopened = "blamed" if event.details.get("blamed", True) else "other"
        elif self.current is not None:
            self.current.priority = self.priority

    def _rated(self, event: Event) -> None:
        if self.finished and event.details.get("stars"):
            self.finished[-1].stars = int(event.details["stars"])


def _priority_at_first(priority: str, events: Sequence[Event]) -> str:
    for event in reversed(events):
        if event.event in ("set_priority", "reopen"):
            priority = event.details.get("from") or priority
    return priority
