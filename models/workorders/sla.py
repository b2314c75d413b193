"""How long an order may take, and how its clocks are read: 接单, 上门, 修好. Pure, in whole minutes and seconds (domain rules 2.2).

Three clocks run from the report: until somebody takes it, until somebody is there, until it is mended. P0 and P1 count
round the clock, the others only on the working calendar. Pauses for an allowed reason stop the last two, up to a limit; an
appointment sets the end of the second; a storm stretches the ordinary ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.calendar import ALWAYS, Calendar, add, between

RESPONSE, ARRIVE, FINISH = "response", "arrive", "finish"
CLOCK_NAMES = {RESPONSE: "接单", ARRIVE: "上门", FINISH: "修好"}

PAUSE_DAYS = 7  # in all; then the manager looks at it, and the clock runs again
STORM_PERCENT = 50
MISSED_VISIT = timedelta(hours=2)  # of working time: twice an appointment's patience, so half of it is the ×1.5


@dataclass(frozen=True)
class Limit:
    """Minutes for one priority. `arrive` is None where only an appointment sets it; `always`: counted round the clock."""

    response: int
    arrive: int | None
    finish: int
    always: bool


# For 3–15 staff. P1: the first number of the table, a fix that lets people live; minutes of P2 and P3 are working minutes,
# so P3's 4200 are seven days of ten hours.
DEFAULTS: Mapping[str, Limit] = {
    "P0": Limit(response=3, arrive=15, finish=120, always=True),
    "P1": Limit(response=15, arrive=60, finish=240, always=True),
    "P2": Limit(response=30, arrive=1440, finish=2880, always=False),
    "P3": Limit(response=240, arrive=None, finish=4200, always=False),
}


@dataclass(frozen=True)
class Pause:
    """`ends` is None while it lasts."""

    begins: datetime
    ends: datetime | None
    reason: str = ""


@dataclass(frozen=True)
class Facts:
    """What happened to an order since its clocks began. `turn`: how often they have begun anew (reopened, made more urgent)."""

    priority: str
    started_at: datetime
    started_by: str = ""  # reopen or set_priority; "" for the report itself
    turn: int = 0
    answered_at: datetime | None = None
    arrived_at: datetime | None = None
    done_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    appointment_ends: datetime | None = None


@dataclass(frozen=True)
class Storm:
    """暴雨模式 from and until. `number` is its row."""

    number: int
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Rules:
    """Everything a company decides that clocks depend on, for one compound."""

    calendar: Calendar
    limits: Mapping[str, Limit]
    storms: tuple[Storm, ...] = ()
    storm_percent: int = STORM_PERCENT
    pause_days: int = PAUSE_DAYS

    def calendar_for(self, priority: str) -> Calendar:
        return ALWAYS if self.limits[priority].always else self.calendar


@dataclass(frozen=True)
class Clock:
    """One clock as it stands. `seconds` is what may be used up, storm included; `deadline` moves while a pause lasts.

    `appointed`: the deadline is an appointment's end and not counted. `storm` is what stretched it, None for nothing.
    """

    name: str
    started_at: datetime
    calendar: Calendar
    seconds: int
    deadline: datetime
    stopped_at: datetime | None
    stops: tuple[tuple[datetime, datetime], ...] = ()
    appointed: bool = False
    storm: Storm | None = None

    def at(self, percent: int) -> datetime:
        """When so much of the time is used up; an appointment's patience beyond its end is `MISSED_VISIT`."""
        if not self.appointed:
            return add(self.calendar, self.started_at, self.seconds * percent // 100, self.stops)
        if percent <= 100:
            whole = (self.deadline - self.started_at) // timedelta(seconds=1)
            return self.started_at + timedelta(seconds=whole * percent // 100)
        patience = MISSED_VISIT // timedelta(seconds=1)
        return add(self.calendar, self.deadline, patience * (percent - 100) // 100, self.stops)

    def late_by(self, now: datetime) -> int:
        """Counted seconds past the deadline, up to where it stopped; 0 when in time."""
        end = self.stopped_at or now
        return between(self.calendar, self.deadline, end, self.stops) if end > self.deadline else 0

    def left_at(self, now: datetime) -> int:
        """Counted seconds until the deadline."""
        return between(self.calendar, now, self.deadline, self.stops)

    def is_late(self, now: datetime) -> bool:
        return (self.stopped_at or now) > self.deadline


def read_clocks(facts: Facts, rules: Rules, now: datetime) -> tuple[Clock, ...]:
    """The clocks of an order at `now`, in the order in which they stop."""
    limit, calendar = rules.limits[facts.priority], rules.calendar_for(facts.priority)
    stops = pauses_that_count(facts.pauses, now, rules.pause_days)
    response = _counted(RESPONSE, facts, rules, limit.response * 60, facts.answered_at, ())
    finish_seconds = limit.finish * 60
    clocks = [response]
    if facts.appointment_ends is not None and facts.appointment_ends > facts.started_at:
        ends = facts.appointment_ends
        clocks.append(Clock(ARRIVE, facts.started_at, calendar, 0, ends, facts.arrived_at, stops=stops, appointed=True))
        # Who asks for Friday cannot have it mended on Wednesday: after the visit there is as much time as without one.
        after_visit = max(limit.finish - (limit.arrive or 0), 60) * 60
        finish_seconds = max(finish_seconds, between(calendar, facts.started_at, ends) + after_visit)
    elif limit.arrive is not None:
        clocks.append(_counted(ARRIVE, facts, rules, limit.arrive * 60, facts.arrived_at, stops))
    clocks.append(_counted(FINISH, facts, rules, finish_seconds, facts.done_at, stops))
    return tuple(clocks)


def pauses_that_count(pauses: Sequence[Pause], now: datetime, days: int) -> tuple[tuple[datetime, datetime], ...]:
    """The pauses as stops of a clock, until `days` of them are used up in all."""
    left, stops = timedelta(days=days), []
    for pause in pauses:
        ends = min(pause.ends or now, pause.begins + left)
        if ends > pause.begins:
            stops.append((pause.begins, ends))
            left -= ends - pause.begins
    return tuple(stops)


def pause_used_up_at(pauses: Sequence[Pause], days: int) -> datetime | None:
    """When the pause that lasts reaches the limit of all pauses together; None when none lasts."""
    if not pauses or pauses[-1].ends is not None:
        return None
    before = sum((pause.ends - pause.begins for pause in pauses[:-1] if pause.ends), timedelta())
    return pauses[-1].begins + max(timedelta(days=days) - before, timedelta())


def _counted(
    name: str,
    facts: Facts,
    rules: Rules,
    seconds: int,
    stopped_at: datetime | None,
    stops: tuple[tuple[datetime, datetime], ...],
) -> Clock:
    calendar = rules.calendar_for(facts.priority)
    deadline = add(calendar, facts.started_at, seconds, stops)
    storm = None if rules.limits[facts.priority].always else _storm_on(rules.storms, facts.started_at, deadline)
    if storm is not None:
        seconds = seconds * (100 + rules.storm_percent) // 100
        deadline = add(calendar, facts.started_at, seconds, stops)
    return Clock(name, facts.started_at, calendar, seconds, deadline, stopped_at, stops, storm=storm)


def _storm_on(storms: Sequence[Storm], since: datetime, deadline: datetime) -> Storm | None:
    """The storm that fell into the ordinary time of a clock; one that came after its end excuses nothing."""
    return next((storm for storm in storms if storm.begins < deadline and storm.ends > since), None)
