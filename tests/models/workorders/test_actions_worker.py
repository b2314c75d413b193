"""The worker's side: take, hand back, pass on, come, wait, go on, finish."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.tables import AuditEntry
from models.errors import AlreadyDone, NotFound, Refusal
from models.workorders import actions
from models.workorders.attachments import Sent
from models.workorders.tables import Attachment, OrderEvent, WorkOrder
from tests.support.repairs import Cast, last_told, story, told

PHOTO = [Sent("image", media_id="m1")]


def test_who_takes_it_is_told_to_the_owner_with_a_phone(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    assert (order.state, order.taken_at) == ("TAKEN", now)
    news = last_told(session, "zhang")
    assert (news["worker"], news["worker_phone"], news["order"]) == ("陈师傅", "13800000000", order.id)
    assert told(session, "zhang") == ["order_taken"]
    assert told(session, "wang") == []


def test_taking_twice_says_so(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    with pytest.raises(AlreadyDone, match=f"#{order.id} 已经接单过了"):
        actions.take(session, order, now=now, actor=cast.worker("chen"))


def test_nobody_takes_what_was_sent_to_somebody_else(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    with pytest.raises(AlreadyDone, match="已经由陈师傅接手"):
        actions.take(session, order, now=now, actor=cast.worker("qiang"))
    assert (order.state, order.staff_id) == ("DISPATCHED", cast.staff["chen"].id)


@pytest.mark.parametrize("outsider", ["zhou", "wang", "li"])
def test_an_outsider_finds_nothing_to_take(
    session: Session, cast: Cast, order: WorkOrder, now: datetime, outsider: str
) -> None:
    actor = cast.worker("zhou") if outsider == "zhou" else cast.resident(outsider)
    for act in (actions.take, actions.arrive, actions.cancel, actions.nudge):
        with pytest.raises(NotFound, match=f"没有找到工单 #{order.id}"):
            act(session, order, now=now, actor=actor)
    assert order.state == "DISPATCHED"


def test_a_waiting_order_goes_to_the_first_with_the_trade(session: Session, cast: Cast, now: datetime) -> None:
    cast.staff["chen"].on_duty = False
    session.flush()
    order = cast.report(session, now).order
    with pytest.raises(Refusal, match="要水工来做"):
        actions.take(session, order, now=now, actor=cast.worker("liu"))
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    assert (order.state, order.staff_id) == ("TAKEN", cast.staff["chen"].id)
    assert story(session, order)[-1] == "grab:TAKEN"


def test_handing_back_sends_the_next_one_and_never_the_same(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    cast.staff["qiang"].on_duty = True
    session.flush()
    sent = actions.hand_back(session, order, now=now, actor=cast.worker("chen"), reason="没有配件")
    assert sent.worker is not None
    assert (sent.worker.name, order.state, order.excluded) == ("强师傅", "DISPATCHED", [cast.staff["chen"].id])
    assert told(session, "qiang") == ["order_assigned"]
    nobody = actions.hand_back(session, order, now=now, actor=cast.worker("qiang"), reason="也没有")
    assert (nobody.worker, order.state, order.staff_id) == (None, "ACCEPTED", None)
    assert told(session, "manager") == ["order_unassigned"]
    assert told(session, "zhang") == ["order_delayed"]


def test_handing_back_needs_a_reason(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    with pytest.raises(Refusal, match="为什么退"):
        actions.hand_back(session, order, now=now, actor=cast.worker("chen"), reason=" ")
    assert order.state == "DISPATCHED"


def test_a_transfer_waits_for_the_receiver(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    actions.transfer(session, order, cast.staff["qiang"], now=now, actor=cast.worker("chen"))
    assert (order.state, order.staff_id, order.taken_at) == ("DISPATCHED", cast.staff["qiang"].id, None)
    assert told(session, "qiang") == ["order_assigned"]
    with pytest.raises(Refusal):
        actions.arrive(session, order, now=now, actor=cast.worker("chen"))
    actions.take(session, order, now=now, actor=cast.worker("qiang"))
    assert order.state == "TAKEN"


def test_colleagues_pass_on_what_needs_no_certificate(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.transfer(session, order, cast.staff["liu"], now=now, actor=cast.worker("chen"))
    assert order.staff_id == cast.staff["liu"].id


def test_electrical_work_goes_only_to_who_may_do_it(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    electrical = cast.report(session, now, problem="客厅插座没电了").order
    with pytest.raises(Refusal, match="陈师傅没有登记这个工种"):
        actions.transfer(session, electrical, cast.staff["chen"], now=now, actor=cast.worker("liu"))
    with pytest.raises(Refusal, match="本来就在陈师傅手上"):
        actions.transfer(session, order, cast.staff["chen"], now=now, actor=cast.worker("chen"))


def test_a_transfer_by_the_manager_is_told_to_both(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.transfer(session, order, cast.staff["qiang"], now=now, actor=cast.worker("manager"))
    assert told(session, "chen") == ["order_assigned", "order_reassigned"]
    assert last_told(session, "chen")["worker"] == "强师傅"


def test_who_comes_without_having_taken_it_has_taken_it(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.arrive(session, order, now=now, actor=cast.worker("chen"))
    assert story(session, order)[-2:] == ["take:TAKEN", "arrive:ON_SITE"]
    assert (order.taken_at, order.arrived_at) == (now, now)
    assert told(session, "zhang") == ["order_taken", "order_arrived"]


def test_a_pause_tells_the_owner_why_and_until_when(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.arrive(session, order, now=now, actor=cast.worker("chen"))
    actions.pause(session, order, now=now, actor=cast.worker("chen"), reason="等配件", until=date(2026, 3, 13))
    news = last_told(session, "zhang")
    assert (order.state, news["reason"], news["until"]) == ("PAUSED", "等配件", "3月13日")
    later = now + timedelta(hours=5)
    actions.resume(session, order, now=later, actor=cast.worker("chen"))
    assert (order.state, order.paused_seconds, order.pause_until) == ("ON_SITE", 5 * 3600, None)


@pytest.mark.parametrize("reason", ["忙", "", "明天再说"])
def test_being_busy_is_no_reason_to_pause(
    session: Session, cast: Cast, order: WorkOrder, now: datetime, reason: str
) -> None:
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    with pytest.raises(Refusal, match="等配件"):
        actions.pause(session, order, now=now, actor=cast.worker("chen"), reason=reason)
    assert order.state == "TAKEN"


def test_a_pause_cannot_end_in_the_past(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    with pytest.raises(Refusal, match="以后的日子"):
        actions.pause(session, order, now=now, actor=cast.worker("chen"), reason="等配件", until=now.date())


def test_finishing_asks_the_owner_for_one_to_five(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.arrive(session, order, now=now, actor=cast.worker("chen"))
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="换了角阀")
    assert (order.state, order.done_at, order.result) == ("WAIT_CONFIRM", now, "换了角阀")
    assert told(session, "zhang")[-1] == "order_done"
    assert last_told(session, "zhang")["result"] == "换了角阀"


def test_steps_nobody_typed_are_written_down_when_it_is_finished(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="换了角阀")
    assert story(session, order)[-3:] == ["take:TAKEN", "arrive:ON_SITE", "done:WAIT_CONFIRM"]
    assert (order.taken_at, order.arrived_at, order.done_at) == (now, now, now)
    assert told(session, "zhang") == ["order_done"]


def test_a_paused_order_may_be_finished(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    actions.take(session, order, now=now, actor=cast.worker("chen"))
    actions.pause(session, order, now=now, actor=cast.worker("chen"), reason="等配件")
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="装好了")
    assert story(session, order)[-3:] == ["resume:TAKEN", "arrive:ON_SITE", "done:WAIT_CONFIRM"]


@pytest.mark.parametrize(
    ("problem", "place"), [("厨房水管爆了，水喷得到处都是", ""), ("楼道水管漏水了", "楼道"), ("家里停水了", "")]
)
def test_urgent_and_public_work_needs_a_photo(
    session: Session, cast: Cast, now: datetime, problem: str, place: str
) -> None:
    order = cast.report(session, now, problem, place=place).order
    chen = cast.worker("chen")
    with pytest.raises(Refusal, match="要留一张完工照片"):
        actions.finish(session, order, now=now, actor=chen, result="好了")
    assert order.state == "DISPATCHED"
    actions.finish(session, order, now=now, actor=chen, result="好了", photos=PHOTO)
    assert (order.state, session.scalars(sa.select(Attachment.stage)).all()) == ("WAIT_CONFIRM", ["done"])


def test_a_photo_sent_on_the_way_is_proof_enough(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now, "家里停水了").order
    actions.add_attachment(session, order, PHOTO, now=now, actor=cast.worker("chen"))
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="好了")
    assert order.state == "WAIT_CONFIRM"


def test_the_owners_photo_is_no_proof_of_the_work(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now, "家里停水了", attachments=PHOTO).order
    with pytest.raises(Refusal, match="照片"):
        actions.finish(session, order, now=now, actor=cast.worker("chen"), result="好了")


def test_finishing_needs_a_word_of_what_was_done(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    with pytest.raises(Refusal, match="修了什么"):
        actions.finish(session, order, now=now, actor=cast.worker("chen"), result="")


def test_every_step_says_who_when_from_to_and_through_what(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    later = now + timedelta(minutes=4)
    actions.take(session, order, now=later, actor=cast.worker("chen"))
    event = session.scalars(sa.select(OrderEvent).order_by(OrderEvent.id.desc())).first()
    assert event is not None
    assert (event.actor, event.actor_role, event.from_state, event.to_state) == (
        "陈师傅",
        "worker",
        "DISPATCHED",
        "TAKEN",
    )
    assert (event.at, event.source) == (later, "chat")
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor) == ("order.take", f"staff:{cast.staff['chen'].id}")
