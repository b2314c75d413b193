"""What the office owes after the work: low ratings, visits, and how they end."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import CompanySetting
from models.workorders import actions, actions_follow_up
from models.workorders.attachments import Sent
from models.workorders.follow_up import due_at, ends_with, time_left
from models.workorders.follow_up_lists import calls_to_make, how_many_owed
from models.workorders.queries import events_of
from models.workorders.remind_follow_ups import companies_that_owe, remind
from models.workorders.tables import FollowUp, OrderEvent, WorkOrder
from tests.support.repairs import Cast, last_told, told

NOON = datetime.fromisoformat("2026-03-10T12:00+08:00")


@pytest.mark.parametrize(
    ("result", "calls", "over"),
    [("满意", 0, True), ("不满", 0, True), ("联系不上", 1, False), ("联系不上", 2, False), ("联系不上", 3, True)],
)
def test_the_third_call_nobody_answers_ends_it(result: str, calls: int, over: bool) -> None:
    assert ends_with(result, calls) is over


def test_a_low_rating_has_a_day_and_a_visit_two() -> None:
    assert due_at("low_rating", NOON) - NOON == timedelta(hours=24)
    assert due_at("visit", NOON) - NOON == timedelta(hours=48)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=24), "还剩24小时"),
        (timedelta(hours=71, minutes=59), "还剩2天"),
        (timedelta(minutes=59), "马上到时限"),
        (timedelta(0), "马上到时限"),
        (-timedelta(minutes=59), "刚超时限"),
        (-timedelta(hours=5), "已超5小时"),
        (-timedelta(hours=49), "已超2天"),
    ],
)
def test_time_left_is_said_in_whole_hours_or_days(left: timedelta, words: str) -> None:
    assert time_left(NOON + left, NOON) == words


@pytest.fixture
def done(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> WorkOrder:
    session.add(CompanySetting(company_id=cast.company_id, name="visit_sample_percent", value=0))
    session.flush()
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="换了角阀")
    return order


@pytest.fixture
def unhappy(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> WorkOrder:
    actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=1, text="太慢")
    return done


def owed(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(sa.select(FollowUp.kind, FollowUp.result).order_by(FollowUp.id))
    return [(row.kind, row.result) for row in rows]


def test_a_low_rating_stays_until_somebody_has_dealt_with_it(
    session: Session, cast: Cast, unhappy: WorkOrder, now: datetime
) -> None:
    clerk = cast.worker("clerk")
    [one] = calls_to_make(session, clerk)
    assert (one.order.id, one.task.kind, one.task.stars, one.worker) == (unhappy.id, "low_rating", 1, "陈师傅")
    assert how_many_owed(session, clerk) == {"low_rating": 1}
    actions.visited(session, unhappy, now=now, actor=clerk, result="一般", text="答应明天补擦地")
    assert calls_to_make(session, clerk) == []
    [task] = session.scalars(sa.select(FollowUp))
    assert (task.result, task.note, task.done_at, task.done_by) == (
        "一般",
        "答应明天补擦地",
        now,
        cast.staff["clerk"].id,
    )
    with pytest.raises(Refusal):
        actions.visited(session, unhappy, now=now, actor=clerk, result="满意")


def test_a_good_rating_of_an_ordinary_order_owes_nothing(
    session: Session, cast: Cast, done: WorkOrder, now: datetime
) -> None:
    actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=5)
    assert (done.state, owed(session)) == ("CLOSED", [])


@pytest.mark.parametrize("problem", ["家里停水了", "楼上噪音太大，半夜还在装修"])
def test_the_urgent_and_the_complaints_are_all_called_about(
    session: Session, cast: Cast, done: WorkOrder, now: datetime, problem: str
) -> None:
    order = cast.report(session, now, problem).order
    worker = cast.worker("chen")
    if order.staff_id is None:
        actions.dispatch_to(session, order, cast.staff["chen"], now=now, actor=cast.worker("manager"))
    actions.finish(session, order, now=now, actor=worker, result="好了", photos=[Sent("image", media_id="m")])
    actions.rate(session, order, now=now, actor=cast.resident("zhang"), stars=5)
    assert (order.state, owed(session)) == ("WAIT_VISIT", [("visit", "")])


def test_paid_work_is_always_called_about(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> None:
    session.add(
        OrderEvent(
            order_id=done.id,
            at=now,
            event="done_paid",
            from_state="ON_SITE",
            to_state="WAIT_PAY",
            actor_role="worker",
            actor="陈师傅",
            source="chat",
        )
    )
    session.flush()
    actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=5)
    assert done.state == "WAIT_VISIT"


def test_three_calls_nobody_answers_close_it_and_each_is_on_the_books(
    session: Session, cast: Cast, unhappy: WorkOrder, now: datetime
) -> None:
    clerk = cast.worker("clerk")
    ends = [
        actions.visited(session, unhappy, now=now + timedelta(hours=n), actor=clerk, result="联系不上")
        for n in range(3)
    ]
    assert [(end.over, end.calls) for end in ends] == [(False, 1), (False, 2), (True, 3)]
    assert unhappy.state == "CLOSED"
    assert [event.event for event in events_of(session, unhappy.id)][-3:] == ["unreached", "unreached", "visited"]
    assert owed(session) == [("low_rating", "联系不上")]
    assert told(session, "zhang")[-1] == "order_closed"


def test_two_of_the_office_at_once_count_one_call(
    session: Session, cast: Cast, unhappy: WorkOrder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = session.scalars(sa.select(FollowUp)).one()
    session.expunge(stale)
    actions.visited(session, unhappy, now=now, actor=cast.worker("clerk"), result="联系不上")
    monkeypatch.setattr(actions_follow_up, "_open_call", lambda *_: stale)
    with pytest.raises(AlreadyDone, match="已经有同事处理了"):
        actions.visited(session, unhappy, now=now, actor=cast.worker("manager"), result="联系不上")
    assert session.scalar(sa.select(FollowUp.calls)) == 1


def test_a_rating_made_worse_after_closing_is_owed_too(
    session: Session, cast: Cast, done: WorkOrder, now: datetime
) -> None:
    zhang = cast.resident("zhang")
    actions.rate(session, done, now=now, actor=zhang, stars=5)
    actions.rate(session, done, now=now + timedelta(hours=2), actor=zhang, stars=2)
    actions.rate(session, done, now=now + timedelta(hours=3), actor=zhang, stars=1)
    assert (done.state, owed(session)) == ("CLOSED", [("low_rating", "")])
    actions.visited(session, done, now=now + timedelta(hours=4), actor=cast.worker("manager"), result="满意")
    assert (done.state, owed(session)) == ("CLOSED", [("low_rating", "满意")])
    assert events_of(session, done.id)[-1].event == "handled"


def test_a_visit_that_was_owed_becomes_urgent_when_the_rating_gets_worse(
    session: Session, cast: Cast, done: WorkOrder, now: datetime
) -> None:
    session.execute(sa.update(CompanySetting).values(value=100))
    zhang = cast.resident("zhang")
    actions.rate(session, done, now=now, actor=zhang, stars=4)
    assert owed(session) == [("visit", "")]
    actions.rate(session, done, now=now + timedelta(hours=1), actor=zhang, stars=2)
    session.expire_all()
    [task] = session.scalars(sa.select(FollowUp))
    assert (task.kind, task.stars, task.due_at) == ("low_rating", 2, now + timedelta(hours=25))


def test_a_rating_made_better_is_still_called_about(
    session: Session, cast: Cast, unhappy: WorkOrder, now: datetime
) -> None:
    actions.rate(session, unhappy, now=now, actor=cast.resident("zhang"), stars=4)
    session.expire_all()
    [task] = session.scalars(sa.select(FollowUp))
    assert (unhappy.state, task.kind, task.stars, task.done_at) == ("WAIT_VISIT", "low_rating", 4, None)


def test_the_owner_who_wants_it_mended_again_still_hears_from_the_manager(
    session: Session, cast: Cast, unhappy: WorkOrder, now: datetime
) -> None:
    actions.reopen(session, unhappy, now=now, actor=cast.resident("zhang"), reason="还在漏")
    assert owed(session) == [("low_rating", "")]
    actions.visited(session, unhappy, now=now, actor=cast.worker("manager"), result="一般")
    assert owed(session) == [("low_rating", "一般")]
    assert unhappy.state != "CLOSED"


def test_the_office_that_has_it_mended_again_has_dealt_with_it(
    session: Session, cast: Cast, unhappy: WorkOrder, now: datetime
) -> None:
    actions.reopen(session, unhappy, now=now, actor=cast.worker("manager"), reason="再去一次")
    assert owed(session) == [("low_rating", "返修")]


def test_nobody_calls_about_their_own_work_nor_sees_it_in_their_list(
    session: Session, cast: Cast, done: WorkOrder, now: datetime
) -> None:
    done.staff_id = cast.staff["clerk"].id
    session.flush()
    actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=1)
    assert calls_to_make(session, cast.worker("clerk")) == []
    assert len(calls_to_make(session, cast.worker("manager"))) == 1
    with pytest.raises(Refusal, match="别人回访"):
        actions.visited(session, done, now=now, actor=cast.worker("clerk"), result="满意")


def test_another_compound_owes_and_sees_nothing(
    session: Session, cast: Cast, unhappy: WorkOrder, now: datetime
) -> None:
    qian = replace(cast.worker("qian"), community_ids=frozenset({cast.river}))
    assert (calls_to_make(session, qian), how_many_owed(session, qian)) == ([], {})
    with pytest.raises(NotFound):
        actions.visited(session, unhappy, now=now, actor=qian, result="满意")
    for who in ("li", "wang"):
        with pytest.raises(NotFound):
            actions.visited(session, unhappy, now=now, actor=cast.resident(who), result="满意")
    with pytest.raises(Refusal, match="前台或经理"):
        actions.visited(session, unhappy, now=now, actor=cast.resident("zhang"), result="满意")
    assert owed(session) == [("low_rating", "")]


# --- the morning's reminder -------------------------------------------------------------------------------------------


def test_the_next_morning_reminds_the_office_once(
    session: Session, cast: Cast, unhappy: WorkOrder, now: datetime
) -> None:
    same_day, next_morning = now.replace(hour=20), now.replace(day=11, hour=8)
    assert companies_that_owe(session, same_day) == []
    assert companies_that_owe(session, next_morning) == [cast.company_id]
    before = told(session, "qian")
    assert remind(session, cast.company_id, now=next_morning) == 2
    assert remind(session, cast.company_id, now=next_morning) == 0
    assert told(session, "manager")[-1] == told(session, "clerk")[-1] == "follow_ups_due"
    assert told(session, "qian") == before, "another compound's manager"
    data = last_told(session, "manager")
    assert (data["count"], data["low"]) == (1, 1)
    assert data["lines"] == [f"#{unhappy.id} 差评1分 锦绣花园 3栋2单元501（还剩1小时）"]
    assert "139" not in str(data)


def test_what_is_overdue_is_reminded_of_every_morning_until_it_is_done(
    session: Session, cast: Cast, done: WorkOrder, now: datetime
) -> None:
    session.execute(sa.update(CompanySetting).values(value=100))
    actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=5)
    mornings = [now.replace(day=day, hour=10) for day in (11, 12, 13)]
    assert [remind(session, cast.company_id, now=morning) for morning in mornings] == [0, 2, 2]
    actions.visited(session, done, now=mornings[-1], actor=cast.worker("clerk"), result="满意")
    assert remind(session, cast.company_id, now=now.replace(day=14)) == 0
