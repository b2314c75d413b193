from models.workorders.tables import WorkOrder
from scheduler.jobs import dispatch_waiting
from tests.scheduler.jobs.conftest import Town
from tests.support.repairs import told


def off_duty(town: Town, *names: str, on: bool = False) -> None:
    with town.database.transaction() as session:
        for name in names:
            session.merge(town.cast.staff[name]).on_duty = on


def test_an_order_nobody_could_take_goes_to_who_comes_on_duty(town: Town) -> None:
    off_duty(town, "chen")
    number = town.report()
    dispatch_waiting.run(town, town.later(minutes=1))
    assert town.state(number) == "ACCEPTED"
    off_duty(town, "chen", on=True)
    dispatch_waiting.run(town, town.later(minutes=1))
    assert town.state(number) == "DISPATCHED"
    with town.database.reading() as session:
        assert told(session, "chen") == ["order_assigned"]
        assert session.get_one(WorkOrder, number).staff_id == town.cast.staff["chen"].id


def test_looking_again_and_again_tells_the_office_once(town: Town) -> None:
    off_duty(town, "chen")
    town.report()
    for _ in range(5):
        dispatch_waiting.run(town, town.later(minutes=1))
    with town.database.reading() as session:
        assert told(session, "manager").count("order_unassigned") == 1
