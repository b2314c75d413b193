from datetime import date, timedelta

from models.workorders import actions
from scheduler.jobs import end_pauses
from tests.scheduler.jobs.conftest import Town
from tests.support.repairs import told


def paused(town: Town, until: date | None) -> int:
    number = town.report()
    chen = town.cast.worker("chen")
    with town.order(number) as (session, order):
        actions.take(session, order, actor=chen, now=town.clock.now())
        actions.pause(session, order, actor=chen, now=town.clock.now(), reason="等配件", until=until)
    return number


def test_an_order_goes_on_the_morning_it_waited_for(town: Town) -> None:
    tomorrow = town.clock.now().date() + timedelta(days=1)
    number = paused(town, tomorrow)
    assert end_pauses.run(town, town.later(hours=22, minutes=29)) == "0 resumed"
    assert end_pauses.run(town, town.later(minutes=1)) == "1 resumed"
    assert town.state(number) == "TAKEN"
    with town.database.reading() as session:
        assert told(session, "zhang")[-1] == "order_resumed"
        assert told(session, "chen")[-1] == "order_resumed"


def test_a_pause_without_a_date_ends_by_nobody_but_people(town: Town) -> None:
    number = paused(town, None)
    assert end_pauses.run(town, town.later(days=30)) == "0 resumed"
    assert town.state(number) == "PAUSED"
