"""Who gets an order: who may (the filter), who should (the score), and why, in words for the manager (domain rules 2.4).

score = 3 × the building is theirs + 2 × they were there last time − 1 × weight of their open orders
        − 0.5 × half-hours until they are free
The highest wins; then who has waited longest since the last assignment; then the smaller staff number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from models.calendar import Calendar, at_work, next_opening

OWN_BUILDING = 3
WAS_THERE = 2
LOAD_WEIGHTS = {"P0": Fraction(4), "P1": Fraction(3), "P2": Fraction(1), "P3": Fraction(1, 2)}

VISIT_MINUTES = 45  # how long a visit usually takes; only used to guess when somebody will be free
OFFICE_HOURS = Calendar((((480, 1080),),) * 7)  # until a company says otherwise: eight to six every day
WAKING = frozenset({"P0", "P1"})  # what may be sent to people outside working hours

_LOCAL = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Job:
    """An open order somebody already has, or several of one kind. `arrived_at` is None until they are there."""

    priority: str
    started: bool
    arrived_at: datetime | None = None
    how_many: int = 1


@dataclass(frozen=True)
class Candidate:
    """A worker as the rule sees them. `certified_until` only counts for trades that need a certificate."""

    staff_id: int
    name: str
    on_duty: bool
    has_trade: bool
    certified_until: date | None = None
    works_here: bool = True
    own_building: bool = False
    was_there: bool = False
    jobs: tuple[Job, ...] = ()
    assigned_at: datetime | None = None
    phone: str = ""
    account: str | None = None
    openid: str | None = None

    @property
    def open_orders(self) -> int:
        return sum(job.how_many for job in self.jobs)


@dataclass(frozen=True)
class Task:
    """What has to be done. `excluded` are those who did not take it this time round."""

    priority: str
    trade: str
    needs_certificate: bool = False
    excluded: frozenset[int] = frozenset()
    preferred: int | None = None  # who knows this fault (reopened): goes first if they may go at all


@dataclass(frozen=True)
class Verdict:
    """One candidate judged. `score` is None for somebody who may not go; `reasons` say why in either case."""

    candidate: Candidate
    score: Fraction | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """`chosen` is None when nobody can be sent now; `waits_for_morning` when that is only because of the hour;
    then `opens_at` is when work begins again."""

    chosen: Candidate | None
    verdicts: tuple[Verdict, ...] = field(default=())
    waits_for_morning: bool = False
    opens_at: datetime | None = None


def decide(task: Task, candidates: list[Candidate], now: datetime, *, calendar: Calendar = OFFICE_HOURS) -> Decision:
    """Choose a worker. Before the day's work begins, after it ends and on days off only P0 and P1 are sent."""
    if task.priority not in WAKING and not at_work(calendar, now):
        return Decision(chosen=None, waits_for_morning=True, opens_at=next_opening(calendar, now))
    verdicts = tuple(judge(task, candidate, now) for candidate in candidates)
    able = [verdict for verdict in verdicts if verdict.score is not None]
    best = min(able, key=lambda verdict: _rank(task, verdict), default=None)
    return Decision(chosen=best.candidate if best else None, verdicts=verdicts)


def judge(task: Task, candidate: Candidate, now: datetime) -> Verdict:
    """One candidate's score, or the reasons against sending them."""
    against = reasons_against(task, candidate, now)
    if against:
        return Verdict(candidate, None, against)
    load = sum((LOAD_WEIGHTS[job.priority] * job.how_many for job in candidate.jobs), Fraction(0))
    wait = minutes_to_free(candidate.jobs, now)
    parts = (
        (Fraction(OWN_BUILDING if candidate.own_building else 0), "这一栋是他的责任区"),
        (Fraction(WAS_THERE if candidate.was_there else 0), "上次就是他去的"),
        (-load, f"手上有{candidate.open_orders}单"),
        (-Fraction(wait, 60), f"大约{wait}分钟后有空"),
    )
    score = sum((points for points, _ in parts), Fraction(0))
    return Verdict(candidate, score, tuple(f"{float(points):+.1f} {why}" for points, why in parts if points))


def reasons_against(task: Task, candidate: Candidate, now: datetime) -> tuple[str, ...]:
    """Why somebody may not be sent; () if they may. In an emergency the compound they work in does not matter."""
    checks = (
        (not candidate.on_duty, "不在班"),
        (not candidate.has_trade, f"没有{task.trade}工种"),
        (
            candidate.has_trade and task.needs_certificate and not _is_certified(candidate, now),
            f"{task.trade}证没有登记或已过期",
        ),
        (not candidate.works_here and task.priority != "P0", "不负责这个小区"),
        (candidate.staff_id in task.excluded, "这一单退过或没有接"),
    )
    return tuple(reason for applies, reason in checks if applies)


def minutes_to_free(jobs: tuple[Job, ...], now: datetime) -> int:
    """Whole minutes until somebody is through with what they have begun, guessing `VISIT_MINUTES` for each."""
    total = 0
    for job in jobs:
        if job.arrived_at is not None:
            spent = int((now - job.arrived_at).total_seconds()) // 60
            total += max(0, VISIT_MINUTES - spent) * job.how_many
        elif job.started:
            total += VISIT_MINUTES * job.how_many
    return total


def on_call(task: Task, candidates: list[Candidate], roster: Sequence[int], now: datetime) -> Candidate | None:
    """Nobody on duty can be sent to something urgent: the first of the night roster who can be reached, whatever their trade
    and compound, unless the law forbids it or they were asked already."""
    able = {one.staff_id: one for one in candidates if one.openid and one.staff_id not in task.excluded}
    for staff_id in roster:
        candidate = able.get(staff_id)
        if candidate is not None and (not task.needs_certificate or _is_certified(candidate, now)):
            return candidate
    return None


def _is_certified(candidate: Candidate, now: datetime) -> bool:
    until = candidate.certified_until
    return candidate.has_trade and until is not None and until >= now.astimezone(_LOCAL).date()


def _rank(task: Task, verdict: Verdict) -> tuple[bool, bool, Fraction, float, int]:
    """Smallest first. In an emergency somebody of this compound is nearer than the best of another."""
    candidate = verdict.candidate
    return (
        candidate.staff_id != task.preferred,
        not candidate.works_here,
        -(verdict.score or Fraction(0)),
        candidate.assigned_at.timestamp() if candidate.assigned_at else 0.0,
        candidate.staff_id,
    )
