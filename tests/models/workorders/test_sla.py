"""The three clocks of an order, worked out by hand on a week with lunch, a weekend and a holiday."""

from dataclasses import replace
from datetime import date, datetime

from models.calendar import SHANGHAI, Calendar, Day
from models.workorders.sla import (
    ARRIVE,
    DEFAULTS,
    FINISH,
    RESPONSE,
    Clock,
    Facts,
    Pause,
    Rules,
    Storm,
    pause_used_up_at,
    read_clocks,
)

OFFICE = ((480, 720), (780, 1080))
CALENDAR = Calendar((*(OFFICE,) * 5, (), ()), {date(2026, 3, 12): Day((), "停工")})
RULES = Rules(CALENDAR, DEFAULTS)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


TUESDAY = Facts("P2", at(10, 9, 30))


def clock(name: str, facts: Facts, now: datetime | None = None, rules: Rules = RULES) -> Clock:
    return next(clock for clock in read_clocks(facts, rules, now or facts.started_at) if clock.name == name)


def test_what_is_urgent_counts_at_night() -> None:
    night = Facts("P1", at(10, 23, 30))
    deadlines = [clock.deadline for clock in read_clocks(night, RULES, night.started_at)]
    assert deadlines == [at(10, 23, 45), at(11, 0, 30), at(11, 3, 30)]


def test_what_is_ordinary_counts_while_people_work() -> None:
    # 24 hours of work: 7½ on Tuesday, 9 on Wednesday, none on Thursday's holiday, 7½ on Friday.
    assert clock(RESPONSE, TUESDAY).deadline == at(10, 10)
    assert clock(ARRIVE, TUESDAY).deadline == at(13, 16, 30)
    # 48 hours: 1½ more on Friday, 9 on Monday and on Tuesday, 4½ on Wednesday.
    assert clock(FINISH, TUESDAY).deadline == at(18, 13, 30)


def test_reported_at_night_it_begins_in_the_morning() -> None:
    assert clock(RESPONSE, Facts("P2", at(10, 22))).deadline == at(11, 8, 30)


def test_eighty_percent_and_half_as_much_again() -> None:
    response = clock(RESPONSE, TUESDAY)
    assert [response.at(percent) for percent in (80, 100, 150, 200)] == [
        at(10, 9, 54),
        at(10, 10),
        at(10, 10, 15),
        at(10, 10, 30),
    ]


def test_a_pause_stops_the_clock_and_the_deadline_moves_while_it_lasts() -> None:
    paused = replace(TUESDAY, pauses=(Pause(at(10, 10), None, "等配件"),))
    assert clock(FINISH, paused, at(10, 15)).deadline == at(18, 17, 30)  # four working hours later, lunch is none
    done = replace(TUESDAY, pauses=(Pause(at(10, 10), at(10, 12, 30), "等配件"),))
    assert clock(FINISH, done, at(11, 9)).deadline == at(18, 15, 30)
    assert clock(RESPONSE, done, at(11, 9)).deadline == at(10, 10)  # nobody pauses what they have not taken


def test_seven_days_of_pauses_and_the_clock_runs_again() -> None:
    long = replace(TUESDAY, pauses=(Pause(at(10, 10), at(12, 10), "天气"), Pause(at(13, 10), None, "等配件")))
    assert pause_used_up_at(long.pauses, 7) == at(18, 10)
    for now in (at(19), at(30)):
        assert clock(FINISH, long, now).stops == ((at(10, 10), at(12, 10)), (at(13, 10), at(18, 10)))
    assert pause_used_up_at(long.pauses[:1], 7) is None


def test_an_appointment_is_when_somebody_must_be_there() -> None:
    friday = replace(TUESDAY, appointment_ends=at(13, 17))
    arrive = clock(ARRIVE, friday)
    assert (arrive.deadline, arrive.at(150), arrive.at(200)) == (at(13, 17), at(13, 18), at(16, 9))
    # 24½ hours of work until Friday at five, and as many for the rest as without an appointment: 24.
    assert clock(FINISH, friday).deadline == at(18, 14)
    soon = replace(TUESDAY, appointment_ends=at(10, 18))
    assert clock(FINISH, soon).deadline == at(18, 13, 30)


def test_who_wants_to_be_visited_by_appointment_has_no_arrive_clock_without_one() -> None:
    assert [clock.name for clock in read_clocks(Facts("P3", at(10, 9)), RULES, at(10, 9))] == [RESPONSE, FINISH]


def test_a_storm_stretches_the_ordinary_by_half_and_not_the_urgent() -> None:
    storm = replace(RULES, storms=(Storm(1, at(10, 9), at(10, 20)),))
    assert clock(RESPONSE, TUESDAY, rules=storm).deadline == at(10, 10, 15)
    assert clock(RESPONSE, Facts("P1", at(10, 9, 30)), rules=storm).deadline == at(10, 9, 45)


def test_a_storm_after_the_deadline_excuses_nothing() -> None:
    late = replace(RULES, storms=(Storm(1, at(10, 11), at(10, 20)),))
    assert clock(RESPONSE, TUESDAY, rules=late).deadline == at(10, 10)
    assert clock(FINISH, TUESDAY, rules=late).storm is not None
    over = replace(RULES, storms=(Storm(1, at(10, 5), at(10, 9)),))
    assert clock(FINISH, TUESDAY, rules=over).storm is None


def test_late_is_counted_on_the_same_clock() -> None:
    arrive = clock(ARRIVE, TUESDAY, at(16, 9))
    assert arrive.late_by(at(16, 9)) == (90 + 60) * 60  # the rest of Friday and an hour of Monday
    assert arrive.late_by(at(13, 16, 30)) == 0
    stopped = clock(ARRIVE, replace(TUESDAY, arrived_at=at(13, 17)), at(30))
    assert stopped.late_by(at(30)) == 30 * 60
