from models.workorders import actions
from scheduler.jobs import offer_to_next_worker
from tests.scheduler.jobs.conftest import Town
from tests.support.repairs import told


def on_duty(town: Town, name: str) -> None:
    with town.database.transaction() as session:
        session.merge(town.cast.staff[name]).on_duty = True


def test_ten_minutes_without_an_answer_and_the_next_worker_hears_of_it(town: Town) -> None:
    on_duty(town, "qiang")
    number = town.report()
    assert offer_to_next_worker.run(town, town.later(minutes=9, seconds=59)) == "0 offered to the next"
    assert offer_to_next_worker.run(town, town.later(seconds=1)) == "1 offered to the next"
    with town.order(number) as (session, order):
        first, second = ("chen", "qiang") if "order_reassigned" in told(session, "chen") else ("qiang", "chen")
        assert order.staff_id == town.cast.staff[second].id
        assert told(session, first) == ["order_assigned", "order_reassigned"]
        assert told(session, second) == ["order_assigned"]


def test_an_emergency_waits_three_minutes_only(town: Town) -> None:
    town.report("水管爆裂，水漫到电箱了，漏电了")
    assert offer_to_next_worker.run(town, town.later(minutes=2, seconds=59)) == "0 offered to the next"
    assert offer_to_next_worker.run(town, town.later(seconds=1)) == "1 offered to the next"


def test_an_order_is_passed_on_once_a_time(town: Town) -> None:
    on_duty(town, "qiang")
    town.report()
    now = town.later(minutes=10)
    assert offer_to_next_worker.run(town, now) == "1 offered to the next"
    assert offer_to_next_worker.run(town, now) == "0 offered to the next"


def test_an_order_somebody_took_is_left_alone(town: Town) -> None:
    number = town.report()
    with town.order(number) as (session, order):
        who = next(name for name in ("chen", "qiang") if town.cast.staff[name].id == order.staff_id)
        actions.take(session, order, actor=town.cast.worker(who), now=town.clock.now())
    assert offer_to_next_worker.run(town, town.later(hours=1)) == "0 offered to the next"
    assert town.state(number) == "TAKEN"
