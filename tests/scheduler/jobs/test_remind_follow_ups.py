from models.messaging.tables import Outbox
from models.workorders import actions
from models.workorders.tables import WorkOrder
from scheduler.jobs import remind_follow_ups
from tests.scheduler.jobs.conftest import Town
from tests.support.repairs import told


def rated_badly(town: Town) -> int:
    number = town.report()
    with town.order(number) as (session, order):
        actions.finish(session, order, now=town.clock.now(), actor=town.cast.worker("chen"), result="好了")
        actions.rate(session, order, now=town.clock.now(), actor=town.cast.resident("zhang"), stars=1)
    return number


def test_the_office_is_reminded_every_morning_until_it_is_done(town: Town) -> None:
    number = rated_badly(town)
    assert remind_follow_ups.run(town, town.later(hours=3)) == "0 companies reminded"
    for morning in range(1, 3):
        assert remind_follow_ups.run(town, town.later(days=1)) == "1 companies reminded"
        assert remind_follow_ups.run(town, town.clock.now()) == "1 companies reminded"
        with town.database.reading() as session:
            assert told(session, "manager").count("follow_ups_due") == morning, "once a morning"
    with town.order(number) as (session, order):
        actions.visited(session, order, now=town.clock.now(), actor=town.cast.worker("clerk"), result="满意")
    assert remind_follow_ups.run(town, town.later(days=1)) == "0 companies reminded"


def test_a_list_is_never_sent_twice_after_a_crash(town: Town) -> None:
    rated_badly(town)
    remind_follow_ups.run(town, town.later(days=1))
    with town.database.reading() as session:
        rows = session.query(Outbox).where(Outbox.kind == "follow_ups_due").all()
        assert {row.repeatable for row in rows} == {False}
        assert session.query(WorkOrder).count() == 1
