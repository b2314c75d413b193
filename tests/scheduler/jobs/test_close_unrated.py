from models.workorders import actions
from models.workorders.attachments import Sent
from models.workorders.tables import WorkOrder
from scheduler.jobs import close_unrated
from tests.scheduler.jobs.conftest import Town


def finished(town: Town) -> int:
    number = town.report("厨房灯不亮了")
    with town.order(number) as (session, order):
        who = next(name for name, staff in town.cast.staff.items() if staff.id == order.staff_id)
        actor = town.cast.worker(who)
        actions.take(session, order, actor=actor, now=town.clock.now())
        proof = [Sent("image", media_id="photo")]
        actions.finish(session, order, actor=actor, now=town.clock.now(), result="换了灯管", photos=proof)
    return number


def test_three_days_without_a_word_close_the_order_as_unrated(town: Town) -> None:
    number = finished(town)
    assert close_unrated.run(town, town.later(hours=71, minutes=59)) == "0 closed"
    assert town.state(number) == "WAIT_CONFIRM"
    assert close_unrated.run(town, town.later(minutes=1)) == "1 closed"
    with town.database.reading() as session:
        order = session.get_one(WorkOrder, number)
        assert order.state in ("CLOSED", "WAIT_VISIT")
        assert order.unrated
        assert order.rating is None


def test_what_the_owner_rated_is_left_alone(town: Town) -> None:
    number = finished(town)
    with town.order(number) as (session, order):
        actions.rate(session, order, actor=town.cast.resident("zhang"), now=town.clock.now(), stars=5)
    assert close_unrated.run(town, town.later(days=4)) == "0 closed"
