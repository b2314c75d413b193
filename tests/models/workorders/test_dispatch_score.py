"""Who is sent: the filter and the score of domain rules 2.4, with numbers worked out by hand."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from bot.clock import SHANGHAI
from models.calendar import ALWAYS, Calendar, Day
from models.workorders.dispatch_score import Candidate, Job, Task, decide, judge, minutes_to_free, on_call

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=SHANGHAI)
NIGHT = datetime(2026, 3, 10, 23, 0, tzinfo=SHANGHAI)
PIPE = Task("P2", "水工")
WIRE = Task("P2", "电工", needs_certificate=True)


def worker(staff_id: int, **more: Any) -> Candidate:
    return Candidate(**{"staff_id": staff_id, "name": f"{staff_id}师傅", "on_duty": True, "has_trade": True, **more})


@pytest.mark.parametrize(
    ("candidate", "score"),
    [
        (worker(1), Fraction(0)),
        (worker(1, own_building=True), Fraction(3)),
        (worker(1, was_there=True), Fraction(2)),
        (worker(1, own_building=True, was_there=True), Fraction(5)),
        # one of each waiting: 4 + 3 + 1 + 0.5
        (worker(1, jobs=tuple(Job(p, started=False) for p in ("P0", "P1", "P2", "P3"))), Fraction(-17, 2)),
        # taken, not there yet: 1 for the load, and 45 minutes are 1.5 half-hours, 0.5 each
        (worker(1, jobs=(Job("P2", started=True),)), Fraction(-7, 4)),
        # there for 30 of the usual 45 minutes: 15 minutes are half a half-hour
        (worker(1, jobs=(Job("P2", started=True, arrived_at=NOW - timedelta(minutes=30)),)), Fraction(-5, 4)),
        # there for two hours: through any moment
        (worker(1, jobs=(Job("P2", started=True, arrived_at=NOW - timedelta(hours=2)),)), Fraction(-1)),
    ],
)
def test_the_score_is_as_worked_out(candidate: Candidate, score: Fraction) -> None:
    assert judge(PIPE, candidate, NOW).score == score


def test_the_highest_score_wins() -> None:
    busy = worker(1, own_building=True, jobs=(Job("P1", started=False), Job("P2", started=False)))  # 3 - 4 = -1
    idle = worker(2)  # 0
    assert decide(PIPE, [busy, idle], NOW).chosen == idle


def test_a_tie_goes_to_who_has_waited_longest() -> None:
    just_now = worker(1, assigned_at=NOW - timedelta(minutes=5))
    long_ago = worker(2, assigned_at=NOW - timedelta(hours=3))
    never = worker(3)
    assert decide(PIPE, [just_now, long_ago], NOW).chosen == long_ago
    assert decide(PIPE, [just_now, long_ago, never], NOW).chosen == never


def test_a_perfect_tie_goes_to_the_smaller_number() -> None:
    assert decide(PIPE, [worker(8), worker(3), worker(5)], NOW).chosen == worker(3)


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (worker(1, on_duty=False), "不在班"),
        (worker(1, has_trade=False), "没有水工工种"),
        (worker(1, works_here=False), "不负责这个小区"),
    ],
)
def test_who_may_not_go_is_told_why(candidate: Candidate, reason: str) -> None:
    decision = decide(PIPE, [candidate], NOW)
    assert decision.chosen is None
    assert decision.verdicts[0].reasons == (reason,)


@pytest.mark.parametrize("until", [None, date(2026, 3, 9)])
def test_an_electrician_without_a_valid_certificate_is_not_sent(until: date | None) -> None:
    decision = decide(WIRE, [worker(1, certified_until=until)], NOW)
    assert decision.chosen is None
    assert decision.verdicts[0].reasons == ("电工证没有登记或已过期",)


def test_a_certificate_holds_through_its_last_day() -> None:
    assert decide(WIRE, [worker(1, certified_until=date(2026, 3, 10))], NOW).chosen is not None


def test_who_did_not_take_it_is_not_asked_again() -> None:
    task = Task("P2", "水工", excluded=frozenset({1}))
    assert decide(task, [worker(1, own_building=True), worker(2)], NOW).chosen == worker(2)
    assert decide(task, [worker(1)], NOW).chosen is None


def test_nobody_at_all_is_nobody() -> None:
    assert decide(PIPE, [], NOW).chosen is None


@pytest.mark.parametrize(("priority", "sent"), [("P0", True), ("P1", True), ("P2", False), ("P3", False)])
def test_at_night_only_the_urgent_wakes_people(priority: str, sent: bool) -> None:
    decision = decide(Task(priority, "水工"), [worker(1)], NIGHT)
    assert (decision.chosen is not None) == sent
    assert decision.waits_for_morning != sent


@pytest.mark.parametrize(("moment", "working"), [("07:59", False), ("08:00", True), ("17:59", True), ("18:00", False)])
def test_working_hours_begin_at_eight_and_end_at_six(moment: str, working: bool) -> None:
    hour, minute = map(int, moment.split(":"))
    decision = decide(PIPE, [worker(1)], NOW.replace(hour=hour, minute=minute))
    assert (decision.chosen is not None) == working


def test_a_company_may_work_other_hours() -> None:
    assert decide(PIPE, [worker(1)], NIGHT, calendar=ALWAYS).chosen is not None


def test_on_a_holiday_only_the_urgent_is_sent() -> None:
    holiday = Calendar((((480, 1080),),) * 7, {NOW.date(): Day((), "国庆节")})
    waits = decide(PIPE, [worker(1)], NOW, calendar=holiday)
    assert waits.waits_for_morning
    assert waits.opens_at == NOW.replace(day=11, hour=8, minute=0)
    assert decide(Task("P1", "水工"), [worker(1)], NOW, calendar=holiday).chosen is not None


def test_the_night_roster_goes_in_its_order_whatever_the_trade() -> None:
    night = [worker(number, on_duty=False, has_trade=False, openid=f"w{number}") for number in (1, 2, 3)]
    urgent = Task("P1", "水工")
    assert decide(urgent, night, NIGHT).chosen is None
    assert on_call(urgent, night, [3, 1], NIGHT) == night[2]
    assert on_call(Task("P1", "水工", excluded=frozenset({3})), night, [3, 1], NIGHT) == night[0]
    assert on_call(urgent, night, [], NIGHT) is None


def test_the_night_roster_does_not_stand_above_the_law_and_reaches_people_by_wechat() -> None:
    certified = worker(1, on_duty=False, certified_until=date(2027, 1, 1), openid="w1")
    other, unreachable = worker(2, on_duty=False, has_trade=False, openid="w2"), worker(3, on_duty=False)
    urgent = Task("P0", "电工", needs_certificate=True)
    assert on_call(urgent, [certified, other, unreachable], [3, 2, 1], NIGHT) == certified
    assert on_call(urgent, [other, unreachable], [3, 2], NIGHT) is None


def test_in_an_emergency_the_compound_does_not_matter_but_the_near_one_goes_first() -> None:
    emergency = Task("P0", "水工")
    far = worker(1, works_here=False)
    near_but_busy = worker(2, jobs=(Job("P1", started=True), Job("P1", started=True)))
    assert decide(emergency, [far], NOW).chosen == far
    assert decide(emergency, [far, near_but_busy], NOW).chosen == near_but_busy


def test_who_knows_the_fault_goes_first_if_they_may_go() -> None:
    task = Task("P2", "水工", preferred=2)
    assert decide(task, [worker(1, own_building=True), worker(2)], NOW).chosen == worker(2)
    assert decide(task, [worker(1), worker(2, on_duty=False)], NOW).chosen == worker(1)


def test_the_reasons_add_up_to_the_score() -> None:
    verdict = judge(PIPE, worker(1, own_building=True, jobs=(Job("P2", started=True),)), NOW)
    assert verdict.reasons == ("+3.0 这一栋是他的责任区", "-1.0 手上有1单", "-0.8 大约45分钟后有空")


def test_what_has_not_begun_takes_no_time_yet() -> None:
    assert minutes_to_free((Job("P2", started=False),), NOW) == 0
