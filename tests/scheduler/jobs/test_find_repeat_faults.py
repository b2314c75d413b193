from datetime import timedelta

from models.workorders import actions
from scheduler.jobs import find_repeat_faults
from tests.scheduler.jobs.conftest import Town
from tests.support.repairs import told


def break_and_mend(town: Town) -> None:
    with town.order(town.report()) as (session, order):
        actions.finish(session, order, now=town.clock.now(), actor=town.cast.worker("chen"), result="好了")


def test_the_third_time_is_found_and_told_once(town: Town) -> None:
    for _ in range(3):
        assert find_repeat_faults.run(town, town.clock.now()).endswith("looked at")
        break_and_mend(town)
        town.later(days=2)
    town.clock.move(-timedelta(days=2))
    for _ in range(2):
        assert find_repeat_faults.run(town, town.later(minutes=10)) == "1 companies looked at"
    with town.database.reading() as session:
        assert told(session, "manager").count("fault_repeated") == 1


def test_a_quiet_day_costs_one_look(town: Town) -> None:
    break_and_mend(town)
    assert find_repeat_faults.run(town, town.later(days=2)) == "0 companies looked at"
