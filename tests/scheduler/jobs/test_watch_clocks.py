"""The job that looks at clocks: it finds what is new, tells once, and after a missed hour tells the latest."""

import pytest
import sqlalchemy as sa

from models.messaging.tables import Outbox
from models.workorders import actions
from models.workorders.tables import OrderClock
from scheduler.jobs import watch_clocks
from tests.scheduler.jobs.conftest import Town
from tests.support.repairs import told


def urgent(town: Town) -> int:
    number = town.report("家里停水了")
    with town.order(number) as (session, order):
        actions.take(session, order, actor=town.cast.worker("chen"), now=town.clock.now())
    return number


def heard(town: Town, who: str) -> list[str]:
    with town.database.reading() as session:
        return told(session, who)


def test_a_new_order_gets_its_clock_and_nobody_hears_anything(town: Town) -> None:
    number = urgent(town)
    assert watch_clocks.run(town, town.later(seconds=30)) == "1 looked at"
    assert watch_clocks.run(town, town.later(seconds=30)) == "0 looked at"
    with town.database.reading() as session:
        clock = session.get_one(OrderClock, number)
    assert f"{clock.arrive_due:%H:%M}" == "10:30"


def test_looking_every_half_minute_each_rung_is_heard_once(town: Town) -> None:
    urgent(town)
    for _ in range(8):
        watch_clocks.run(town, town.later(minutes=16))
    assert heard(town, "chen").count("order_due_soon") == 1
    assert heard(town, "zhang").count("order_late") == 1
    assert heard(town, "manager").count("order_overdue") == 2  # in the lead's place, and as the manager


def test_after_a_night_without_a_scheduler_there_is_no_storm_of_old_warnings(town: Town) -> None:
    urgent(town)
    watch_clocks.run(town, town.later(hours=26))
    with town.database.reading() as session:
        about = session.execute(
            sa.select(Outbox.openid, sa.func.count())
            .where(Outbox.kind.in_(("order_due_soon", "order_late", "order_overdue")))
            .group_by(Outbox.openid)
        ).all()
    assert dict(map(tuple, about)) == {"zhang": 1, "manager": 1}
    assert watch_clocks.run(town, town.later(seconds=30)) == "0 looked at"


def test_one_order_that_cannot_be_read_does_not_keep_the_others_waiting(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [urgent(town), town.report("楼道灯不亮", home_id=None, place="楼道")]
    look_at = watch_clocks.look_at

    def stumble(session: object, order: object, *args: object, **more: object) -> int:
        if getattr(order, "id", None) == numbers[0]:
            raise RuntimeError("boom")
        return look_at(session, order, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(watch_clocks, "look_at", stumble)
    assert watch_clocks.run(town, town.later(minutes=1)) == "1 looked at, 1 failed"
