"""Which rungs of the ladder an order has come to: worker at 80 %, shift lead and owner when it is late, manager at half as much
again, the next above them at twice the time (domain rules 2.5). Pure.

Every rung is climbed once. What was slept through is not made up for: of several rungs that have come due meanwhile people
hear the latest that concerns them, and the others are only noted.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.workorders.sla import RESPONSE, Clock

WARN, LATE, MANAGER, NEXT = "warn", "late", "manager", "next"
RUNGS = ((80, WARN), (100, LATE), (150, MANAGER), (200, NEXT))

# A P0 that nobody has taken: the manager is asked to pick up the phone.
CALL = "call"
CALL_AFTER = timedelta(minutes=5)

PAUSE_REVIEW = "pause_review"


@dataclass(frozen=True)
class Alarm:
    """Something to tell now. `rung` is a name above; `clock` what it is about (None for a review of pauses and a call)."""

    rung: str
    clock: Clock | None = None


@dataclass(frozen=True)
class Look:
    """What is due: `steps` to be noted (each once), `alarms` to be told, and when to look again (None: when it moves)."""

    steps: tuple[str, ...]
    alarms: tuple[Alarm, ...]
    next_at: datetime | None


def look(
    clocks: Sequence[Clock],
    climbed: Collection[str],
    now: datetime,
    *,
    call_at: datetime | None = None,
    review_at: datetime | None = None,
    manager_knows: bool = False,
) -> Look:
    """`climbed`: the steps noted before. `call_at`: when a P0 without a taker is called about; `review_at`: when a pause has
    lasted too long. `manager_knows`: two nudges have told them already, so the third rung is noted and not told again."""
    ahead: list[datetime] = []
    due: list[tuple[str, str, Clock]] = []
    for at, rung, clock in _rungs(clocks, called=call_at is not None):
        step = f"{clock.name}:{rung}"
        if at > now:
            ahead.append(at)
        elif step not in climbed:
            due.append((step, rung, clock))
    alarms = _worth_telling(due, manager_knows)
    steps = [step for step, _, _ in due]
    for name, when in ((CALL, call_at), (PAUSE_REVIEW, review_at)):
        if when is None or name in climbed:
            continue
        if when > now:
            ahead.append(when)
        else:
            steps.append(name)
            alarms.append(Alarm(name))
    return Look(tuple(steps), tuple(alarms), min(ahead, default=None))


def _rungs(clocks: Sequence[Clock], *, called: bool) -> Iterator[tuple[datetime, str, Clock]]:
    """Every rung of the clocks that run. Where a call is due, it takes the manager's place on the first clock."""
    for clock in clocks:
        for percent, rung in RUNGS:
            if clock.stopped_at is None and not (called and clock.name == RESPONSE and rung in (MANAGER, NEXT)):
                yield clock.at(percent), rung, clock


def call_at(priority: str, clocks: Sequence[Clock]) -> datetime | None:
    """When a P0 is called about, if nobody takes it until then."""
    waiting = [clock for clock in clocks if clock.name == RESPONSE and clock.stopped_at is None]
    return waiting[0].started_at + CALL_AFTER if priority == "P0" and waiting else None


def _worth_telling(due: Sequence[tuple[str, str, Clock]], manager_knows: bool) -> list[Alarm]:
    """For each rung the clock that stops last; no warning of what is late already."""
    last = {rung: clock for _, rung, clock in due}
    if any(rung in last for rung in (LATE, MANAGER, NEXT)):
        last.pop(WARN, None)
    if manager_knows:
        last.pop(MANAGER, None)
    return [Alarm(rung, last[rung]) for _, rung in RUNGS if rung in last]
