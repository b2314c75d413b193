"""The owner's side: nudge, add, call off, rate, say it is not mended."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import AlreadyDone, NotFound, Refusal
from models.estate.tables import CompanySetting
from models.workorders import actions
from models.workorders.attachments import Sent
from models.workorders.tables import Attachment, WorkOrder
from tests.support.repairs import Cast, last_told, story, told


@pytest.fixture
def done(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> WorkOrder:
    """The same order, finished by Chen; nobody is sampled for a call."""
    session.add(CompanySetting(company_id=cast.company_id, name="visit_sample_percent", value=0))
    session.flush()
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="换了角阀")
    return order


# --- nudge ------------------------------------------------------------------------------------------------------------


def test_a_nudge_tells_the_worker_and_the_second_the_manager(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    first = actions.nudge(session, order, now=now, actor=cast.resident("zhang"))
    assert (first.times, first.worker_name, first.manager_told) == (1, "陈师傅", False)
    assert told(session, "manager") == []
    second = actions.nudge(session, order, now=now + timedelta(minutes=30), actor=cast.resident("zhang"))
    assert (second.times, second.manager_told) == (2, True)
    assert told(session, "chen") == ["order_assigned", "order_nudged", "order_nudged"]
    assert told(session, "manager") == ["order_impatient"]


def test_nudges_count_once_in_half_an_hour(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    actions.nudge(session, order, now=now, actor=cast.resident("zhang"))
    with pytest.raises(AlreadyDone, match="刚刚已经催过"):
        actions.nudge(session, order, now=now + timedelta(minutes=29), actor=cast.resident("tenant"))
    assert order.nudges == 1


def test_a_nudge_never_makes_a_new_order(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    actions.nudge(session, order, now=now, actor=cast.resident("zhang"))
    assert session.scalar(sa.select(sa.func.count()).select_from(WorkOrder)) == 1


def test_with_nobody_on_it_the_first_nudge_goes_to_the_manager(session: Session, cast: Cast, now: datetime) -> None:
    cast.staff["chen"].on_duty = False
    session.flush()
    order = cast.report(session, now).order
    assert actions.nudge(session, order, now=now, actor=cast.resident("zhang")).manager_told
    assert told(session, "manager") == ["order_unassigned", "order_impatient"]


def test_what_is_mended_needs_no_nudge(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> None:
    with pytest.raises(Refusal, match="不用催了"):
        actions.nudge(session, done, now=now, actor=cast.resident("zhang"))


# --- adding -----------------------------------------------------------------------------------------------------------


def test_more_words_and_pictures_reach_the_worker(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.add_words(session, order, now=now, actor=cast.resident("zhang"), text="总阀已经关了")
    actions.add_attachment(session, order, [Sent("image", media_id="m")], now=now, actor=cast.resident("tenant"))
    assert last_told(session, "chen")["words"] == "发来了新的照片或录音"
    rows = session.execute(sa.select(Attachment.kind, Attachment.stage, Attachment.by).order_by(Attachment.id)).all()
    assert rows == [("text", "report", "张伟"), ("image", "report", "赵敏")]


def test_a_stranger_adds_nothing(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    with pytest.raises(NotFound):
        actions.add_words(session, order, now=now, actor=cast.resident("li"), text="我也来说")
    assert session.scalars(sa.select(Attachment)).all() == []


# --- cancel -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["zhang", "tenant"])
def test_the_people_of_the_home_may_call_it_off(
    session: Session, cast: Cast, order: WorkOrder, now: datetime, who: str
) -> None:
    actions.cancel(session, order, now=now, actor=cast.resident(who), reason="自己修好了")
    assert (order.state, order.closed_at) == ("CANCELLED", now)
    assert told(session, "chen") == ["order_assigned", "order_cancelled"]
    with pytest.raises(AlreadyDone, match="已经取消过了"):
        actions.cancel(session, order, now=now, actor=cast.resident(who))


def test_danger_cannot_be_called_off_by_the_reporter(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now, "厨房水管爆了，水喷得到处都是").order
    with pytest.raises(Refusal, match="关系到安全"):
        actions.cancel(session, order, now=now, actor=cast.resident("zhang"))
    actions.cancel(session, order, now=now, actor=cast.worker("manager"), reason="误报")
    assert order.state == "CANCELLED"
    assert told(session, "zhang") == ["order_cancelled"]


def test_once_somebody_is_there_only_the_manager_calls_it_off(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.arrive(session, order, now=now, actor=cast.worker("chen"))
    with pytest.raises(Refusal, match="不该由您来取消"):
        actions.cancel(session, order, now=now, actor=cast.resident("zhang"))
    actions.cancel(session, order, now=now, actor=cast.worker("manager"))
    assert order.state == "CANCELLED"


# --- rate -------------------------------------------------------------------------------------------------------------


def test_a_good_rating_closes_it(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> None:
    actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=5, text="很快")
    assert (done.state, done.rating, done.rating_text, done.closed_at) == ("CLOSED", 5, "很快", now)
    assert told(session, "manager") == []


def test_three_is_good_enough_and_two_is_not(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> None:
    actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=3)
    assert done.state == "CLOSED"


@pytest.mark.parametrize("stars", [1, 2])
def test_a_bad_rating_goes_to_the_manager(
    session: Session, cast: Cast, done: WorkOrder, now: datetime, stars: int
) -> None:
    actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=stars, text="还在滴")
    assert (done.state, done.closed_at) == ("WAIT_VISIT", None)
    assert told(session, "manager") == ["order_low_rating"]
    assert last_told(session, "manager")["text"] == "还在滴"


def test_a_sampled_order_is_called_about(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> None:
    session.execute(sa.update(CompanySetting).values(value=100))
    actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=5)
    assert done.state == "WAIT_VISIT"


def test_a_rating_may_be_changed_for_a_day(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> None:
    actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=5)
    actions.rate(session, done, now=now + timedelta(hours=24), actor=cast.resident("zhang"), stars=1)
    assert (done.rating, done.state) == (1, "CLOSED")
    assert told(session, "manager") == ["order_low_rating"]
    with pytest.raises(Refusal, match="不能再改"):
        actions.rate(session, done, now=now + timedelta(hours=24, minutes=1), actor=cast.resident("zhang"), stars=5)


@pytest.mark.parametrize("stars", [0, 6, -1, 100])
def test_only_one_to_five_is_a_rating(session: Session, cast: Cast, done: WorkOrder, now: datetime, stars: int) -> None:
    with pytest.raises(Refusal, match="1到5"):
        actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=stars)
    assert done.rating is None


def test_nobody_rates_for_another_home(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> None:
    for actor in (cast.resident("li"), cast.resident("wang")):
        with pytest.raises(NotFound):
            actions.rate(session, done, now=now, actor=actor, stars=1)
    with pytest.raises(Refusal):
        actions.rate(session, done, now=now, actor=cast.worker("chen"), stars=5)
    assert done.rating is None


# --- not mended -------------------------------------------------------------------------------------------------------


def test_not_mended_goes_back_to_the_same_worker_and_is_more_urgent(
    session: Session, cast: Cast, done: WorkOrder, now: datetime
) -> None:
    sent = actions.reopen(session, done, now=now, actor=cast.resident("zhang"), reason="还在滴水")
    assert sent.worker is not None
    assert (sent.worker.name, done.state, done.priority, done.reopened) == ("陈师傅", "DISPATCHED", "P1", 1)
    assert done.done_at is None
    assert story(session, done)[-2:] == ["reopen:ACCEPTED", "dispatch:DISPATCHED"]
    assert told(session, "manager") == []


def test_after_a_bad_rating_somebody_else_comes(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> None:
    cast.staff["qiang"].on_duty = True
    session.flush()
    actions.rate(session, done, now=now, actor=cast.resident("zhang"), stars=1)
    sent = actions.reopen(session, done, now=now, actor=cast.resident("zhang"))
    assert sent.worker is not None
    assert sent.worker.name == "强师傅"
    assert told(session, "manager") == ["order_low_rating", "order_reopened"]


def test_reopening_never_makes_a_p0(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now, "家里停水了").order
    assert order.priority == "P1"
    photos = [Sent("image", media_id="m")]
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="好了", photos=photos)
    actions.reopen(session, order, now=now, actor=cast.resident("zhang"))
    assert order.priority == "P1"


def test_the_third_time_the_manager_takes_it_over(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> None:
    chen, zhang = cast.worker("chen"), cast.resident("zhang")
    photos = [Sent("image", media_id="m")]
    for _ in range(2):
        actions.reopen(session, done, now=now, actor=zhang)
        actions.finish(session, done, now=now, actor=chen, result="又修了", photos=photos)
    third = actions.reopen(session, done, now=now, actor=zhang)
    assert (third.worker, done.state, done.reopened) == (None, "ACCEPTED", 3)
    assert told(session, "manager") == ["order_reopened"]


@pytest.mark.parametrize(
    ("days", "same_fault", "allowed"),
    [(7, False, True), (8, False, False), (8, True, True), (30, True, True), (31, True, False)],
)
def test_it_is_reopened_within_a_week_and_the_same_fault_within_a_month(
    session: Session, cast: Cast, done: WorkOrder, now: datetime, days: int, same_fault: bool, allowed: bool
) -> None:
    later = now + timedelta(days=days)
    if allowed:
        actions.reopen(session, done, now=later, actor=cast.resident("zhang"), same_fault=same_fault)
        assert done.reopened == 1
        return
    with pytest.raises(Refusal, match="重新报修"):
        actions.reopen(session, done, now=later, actor=cast.resident("zhang"), same_fault=same_fault)
    assert done.state == "WAIT_CONFIRM"


def test_the_office_may_reopen_later(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> None:
    actions.reopen(session, done, now=now + timedelta(days=90), actor=cast.worker("clerk"))
    assert done.reopened == 1


def test_a_neighbour_cannot_reopen(session: Session, cast: Cast, done: WorkOrder, now: datetime) -> None:
    with pytest.raises(NotFound):
        actions.reopen(session, done, now=now, actor=cast.resident("li"))
