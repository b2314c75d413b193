"""What time does: an unanswered order moves on, a pause ends, an unrated order closes."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.errors import AlreadyDone, Refusal
from models.workorders import actions, actions_time
from models.workorders.actors import system_actor
from models.workorders.attachments import Sent
from models.workorders.follow_up import is_sampled, needs_visit
from models.workorders.tables import WorkOrder
from tests.support.repairs import Cast, last_told, story, told


def test_an_unanswered_order_goes_to_the_next_worker(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    cast.staff["qiang"].on_duty = True
    session.flush()
    later = now + timedelta(minutes=10)
    assert actions_time.unanswered(session, later) == [order.id]
    sent = actions.dispatch_timed_out(session, order, now=later)
    assert sent.worker is not None
    assert (sent.worker.name, order.escalation, order.dispatched_at) == ("强师傅", 1, later)
    assert told(session, "chen") == ["order_assigned", "order_reassigned"]
    assert story(session, order)[-2:] == ["timeout:ACCEPTED", "dispatch:DISPATCHED"]


def test_with_nobody_left_the_office_and_the_owner_hear_the_truth(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    sent = actions.dispatch_timed_out(session, order, now=now + timedelta(minutes=11))
    assert (sent.worker, order.state) == (None, "ACCEPTED")
    assert "陈师傅这一单退过或没有接" in last_told(session, "manager")["why"]
    assert told(session, "zhang") == ["order_delayed"]
    assert actions_time.waiting(session) == [order.id]


def test_trying_again_in_vain_tells_nobody_twice(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    later = now + timedelta(minutes=11)
    actions.dispatch_timed_out(session, order, now=later)
    for minutes in (1, 2, 3):
        actions.dispatch(session, order, now=later + timedelta(minutes=minutes), actor=cast.worker("manager"))
    assert told(session, "manager") == ["order_unassigned"]
    assert told(session, "zhang") == ["order_delayed"]


@pytest.mark.parametrize(("problem", "minutes"), [("厨房水管漏水了", 9), ("厨房水管爆了，水喷得到处都是", 2)])
def test_there_is_time_to_answer(session: Session, cast: Cast, now: datetime, problem: str, minutes: int) -> None:
    order = cast.report(session, now, problem).order
    with pytest.raises(Refusal, match="还在等师傅接单"):
        actions.dispatch_timed_out(session, order, now=now + timedelta(minutes=minutes))
    assert order.state == "DISPATCHED"


def test_danger_waits_three_minutes_and_the_office_hears_of_it(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now, "厨房水管爆了，水喷得到处都是").order
    sent = actions.dispatch_timed_out(session, order, now=now + timedelta(minutes=3))
    assert sent.worker is not None
    assert sent.worker.name == "周师傅"  # the only one left on duty, from the other compound
    assert told(session, "manager") == ["order_urgent", "order_urgent"]


def test_what_was_taken_does_not_time_out(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    with pytest.raises(Refusal):
        actions.dispatch_timed_out(session, order, now=now + timedelta(hours=1))
    assert order.state == "TAKEN"


def test_a_pause_ends_on_its_day(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    actions.pause(session, order, now=now, actor=cast.worker("chen"), reason="等配件", until=date(2026, 3, 12))
    early, due = now.replace(day=11), now.replace(day=12)
    assert actions_time.pauses_over(session, early) == []
    with pytest.raises(Refusal, match="还没到"):
        actions.pause_ended(session, order, now=early)
    assert actions_time.pauses_over(session, due) == [order.id]
    actions.pause_ended(session, order, now=due)
    assert order.state == "TAKEN"
    assert told(session, "chen")[-1] == told(session, "zhang")[-1] == "order_resumed"
    with pytest.raises(Refusal):
        actions.pause_ended(session, order, now=due)


def test_an_unrated_order_closes_after_three_days_without_any_stars(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="好了")
    early, due = now + timedelta(hours=71), now + timedelta(hours=72)
    assert actions_time.unrated(session, early) == []
    with pytest.raises(Refusal, match="还在等评价"):
        actions.close_unrated(session, order, now=early)
    assert actions_time.unrated(session, due) == [order.id]
    actions.close_unrated(session, order, now=due)
    assert (order.unrated, order.rating) == (True, None)
    assert order.state == ("WAIT_VISIT" if is_sampled(order.id, 25) else "CLOSED")
    with pytest.raises(Refusal):
        actions.close_unrated(session, order, now=due)


def test_an_unrated_urgent_order_is_always_called_about(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now, "家里停水了").order
    photos = [Sent("image", media_id="m")]
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="好了", photos=photos)
    actions.close_unrated(session, order, now=now + timedelta(hours=72))
    assert order.state == "WAIT_VISIT"


def test_a_late_number_is_no_rating_any_more(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="好了")
    actions.close_unrated(session, order, now=now + timedelta(hours=72))
    with pytest.raises((Refusal, AlreadyDone)):
        actions.rate(session, order, now=now + timedelta(hours=80), actor=cast.resident("zhang"), stars=5)
    assert order.rating is None


@pytest.mark.parametrize("percent", [0, 25, 30, 100])
def test_any_hundred_orders_give_as_many_calls_as_the_percentage(percent: int) -> None:
    assert sum(is_sampled(number, percent) for number in range(1001, 1101)) == percent


def test_a_nudge_is_no_reason_to_say_again_that_nobody_can_go(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.dispatch_timed_out(session, order, now=now + timedelta(minutes=11))
    actions.nudge(session, order, now=now + timedelta(minutes=12), actor=cast.resident("zhang"))
    actions.dispatch(session, order, now=now + timedelta(minutes=13), actor=system_actor(cast.company_id))
    assert told(session, "manager").count("order_unassigned") == 1


def test_the_urgent_the_paid_the_complaints_and_the_unhappy_are_all_called() -> None:
    plain = {"order_id": 7, "priority": "P2", "category": "水", "paid": False, "percent": 0}
    assert not needs_visit(**plain)
    assert not needs_visit(**plain, stars=3)
    assert needs_visit(**{**plain, "priority": "P1"})
    assert needs_visit(**{**plain, "priority": "P0"}, stars=5)
    assert needs_visit(**{**plain, "paid": True}, stars=5)
    assert needs_visit(**{**plain, "category": "噪音"}, stars=5)
    assert needs_visit(**plain, stars=2)
