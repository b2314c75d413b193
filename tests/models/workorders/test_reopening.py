"""When a finished order begins anew: the limits, whose fault it was, and the third time (domain rule T21)."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.errors import Refusal
from models.workorders import actions, actions_time
from models.workorders.attachments import Sent
from models.workorders.queries import events_of
from models.workorders.reopening import blames_the_work, in_time, is_same_fault
from models.workorders.tables import WorkOrder
from tests.support.repairs import Cast, last_told, story, told

PHOTO = [Sent("image", media_id="m")]


@pytest.mark.parametrize(
    ("since", "same", "allowed"),
    [
        (timedelta(days=7), False, True),
        (timedelta(days=7, seconds=1), False, False),
        (timedelta(days=7, seconds=1), True, True),
        (timedelta(days=30), True, True),
        (timedelta(days=30, seconds=1), True, False),
    ],
)
def test_a_week_for_anything_and_a_month_for_the_same_fault(since: timedelta, same: bool, allowed: bool) -> None:
    assert in_time(since, same_fault=same) is allowed


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("没修好", True),
        ("还是漏", True),
        ("水管又漏水了", True),
        ("厨房还在漏水", True),
        ("根本没来修", True),
        ("客厅灯不亮", False),
        ("马桶堵了", False),
        ("卫生间水管漏水", False),
        ("门锁打不开", False),
    ],
)
def test_only_words_about_another_thing_or_place_are_another_fault(said: str, same: bool) -> None:
    assert is_same_fault("厨房水管漏水了", "水", said) is same


@pytest.mark.parametrize(
    ("reason", "same", "office", "blamed"),
    [
        ("还在漏", True, False, True),
        ("还在漏", True, True, True),
        ("灯也坏了", False, False, False),
        ("配件质量问题", True, True, False),
        ("不怪师傅，业主自己拧坏的", True, True, False),
        ("配件质量问题", True, False, True),  # what an owner guesses about the parts decides nothing
    ],
)
def test_what_was_not_the_workers_fault_does_not_count_against_them(
    reason: str, same: bool, office: bool, blamed: bool
) -> None:
    assert blames_the_work(reason, same_fault=same, by_office=office) is blamed


@pytest.fixture
def done(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> WorkOrder:
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="换了角阀")
    return order


def reopened_three_times(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    for _ in range(2):
        actions.reopen(session, order, now=now, actor=cast.resident("zhang"))
        actions.finish(session, order, now=now, actor=cast.worker("chen"), result="又修了", photos=PHOTO)
    actions.reopen(session, order, now=now, actor=cast.resident("zhang"))


def test_another_fault_after_a_week_is_a_new_order(
    session: Session, cast: Cast, done: WorkOrder, now: datetime
) -> None:
    with pytest.raises(Refusal, match="重新报修"):
        actions.reopen(
            session, done, now=now + timedelta(days=8), actor=cast.resident("zhang"), same_fault=False, reason="灯坏了"
        )
    assert (done.state, done.reopened) == ("WAIT_CONFIRM", 0)


def test_the_story_says_how_often_and_whether_the_work_was_to_blame(
    session: Session, cast: Cast, done: WorkOrder, now: datetime
) -> None:
    actions.reopen(session, done, now=now, actor=cast.worker("manager"), reason="配件质量问题")
    reopened = [event for event in events_of(session, done.id) if event.event == "reopen"]
    assert [event.details for event in reopened] == [{"times": 1, "blamed": False, "from": "P2", "to": "P1"}]
    assert reopened[0].staff_id == cast.staff["chen"].id


def test_after_the_third_time_no_rule_and_no_worker_takes_it_from_the_manager(
    session: Session, cast: Cast, done: WorkOrder, now: datetime
) -> None:
    reopened_three_times(session, cast, done, now)
    assert (done.state, done.staff_id, done.reopened) == ("ACCEPTED", None, 3)
    assert actions_time.waiting(session) == []
    with pytest.raises(Refusal, match="经理亲自安排"):
        actions.take(session, done, now=now, actor=cast.worker("chen"))
    actions.dispatch_to(session, done, cast.staff["chen"], now=now, actor=cast.worker("manager"))
    actions.hand_back(session, done, now=now, actor=cast.worker("chen"), reason="修不了")
    assert (done.state, done.staff_id) == ("ACCEPTED", None)
    assert told(session, "manager")[-2:] == ["order_reopened", "order_unassigned"]
    assert "返修三次" in last_told(session, "manager")["why"]


def test_danger_goes_to_whoever_can_come_however_often_it_was_mended(
    session: Session, cast: Cast, now: datetime
) -> None:
    order = cast.report(session, now, "厨房水管爆了，水喷得到处都是").order
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="修了", photos=PHOTO)
    reopened_three_times(session, cast, order, now)
    assert (order.state, order.reopened) == ("DISPATCHED", 3)
    assert story(session, order)[-1] == "dispatch:DISPATCHED"


def test_the_former_worker_who_left_is_not_sent_again(
    session: Session, cast: Cast, done: WorkOrder, now: datetime
) -> None:
    cast.staff["chen"].on_duty, cast.staff["qiang"].on_duty = False, True
    session.flush()
    sent = actions.reopen(session, done, now=now, actor=cast.resident("zhang"))
    assert sent.worker is not None
    assert sent.worker.name == "强师傅"
