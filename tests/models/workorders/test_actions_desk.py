"""The office's side: refer, merge, decide how urgent, send somebody, follow up."""

from dataclasses import replace
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.errors import AlreadyDone, NotFound, Refusal
from models.people.tables import StaffTrade
from models.workorders import actions
from models.workorders.actors import system_actor
from models.workorders.tables import WorkOrder
from tests.support.repairs import Cast, last_told, told


@pytest.fixture
def waiting(session: Session, cast: Cast, now: datetime) -> WorkOrder:
    """An order nobody could be sent to, because Chen is off duty."""
    cast.staff["chen"].on_duty = False
    session.flush()
    return cast.report(session, now).order


def test_a_referral_names_whom_to_call(session: Session, cast: Cast, waiting: WorkOrder, now: datetime) -> None:
    clerk = cast.worker("clerk")
    for reason, refer_to in (("", "10000"), ("归运营商", ""), ("归运营商", "去问问")):
        with pytest.raises(Refusal, match="电话"):
            actions.reject(session, waiting, now=now, actor=clerk, reason=reason, refer_to=refer_to)
    actions.reject(session, waiting, now=now, actor=clerk, reason="宽带归运营商", refer_to="10000")
    assert waiting.state == "REJECTED"
    assert last_told(session, "zhang")["refer_to"] == "10000"


def test_who_was_merged_hears_what_happens_to_the_other(
    session: Session, cast: Cast, waiting: WorkOrder, now: datetime
) -> None:
    theirs = cast.report(
        session, now, actor=cast.resident("li"), reporter=cast.reporter("li"), home_id=cast.next_door
    ).order
    actions.merge(session, theirs, waiting, now=now, actor=cast.worker("manager"))
    assert (theirs.state, theirs.merged_into) == ("MERGED", waiting.id)
    actions.take(session, waiting, now=now, actor=cast.worker("chen"))
    assert told(session, "li") == ["order_merged", "order_followed"]
    news = last_told(session, "li")
    assert (news["order"], news["news"], news["worker"]) == (theirs.id, "order_taken", "陈师傅")


def test_who_follows_reads_nothing_of_the_other_household(
    session: Session, cast: Cast, waiting: WorkOrder, now: datetime
) -> None:
    theirs = cast.report(
        session, now, "我家也漏水", actor=cast.resident("li"), reporter=cast.reporter("li"), home_id=cast.next_door
    ).order
    actions.merge(session, theirs, waiting, now=now, actor=cast.worker("manager"))
    actions.arrive(session, waiting, now=now, actor=cast.worker("chen"))
    read = str(last_told(session, "li"))
    assert "我家也漏水" in read
    assert "3栋2单元502" in read
    for secret in ("501", "张伟", "13900000000", "厨房水管漏水了"):
        assert secret not in read


def test_what_cannot_be_merged_is_refused(session: Session, cast: Cast, waiting: WorkOrder, now: datetime) -> None:
    manager = cast.worker("manager")
    with pytest.raises(Refusal, match="它自己"):
        actions.merge(session, waiting, waiting, now=now, actor=manager)
    far = cast.report(session, now, community_id=cast.river, home_id=cast.far_home).order
    with pytest.raises(Refusal, match="不在同一个小区"):
        actions.merge(session, waiting, far, now=now, actor=manager)
    over = cast.report(session, now, "楼道灯坏了", home_id=None).order
    actions.cancel(session, over, now=now, actor=manager)
    with pytest.raises(Refusal, match="不能再并入"):
        actions.merge(session, waiting, over, now=now, actor=manager)


def test_a_manager_sends_whom_they_choose_and_hears_what_speaks_against_it(
    session: Session, cast: Cast, waiting: WorkOrder, now: datetime
) -> None:
    against = actions.dispatch_to(session, waiting, cast.staff["chen"], now=now, actor=cast.worker("manager"))
    assert (against, waiting.state, waiting.staff_id) == (("不在班",), "DISPATCHED", cast.staff["chen"].id)
    assert told(session, "chen") == ["order_assigned"]
    actions.dispatch_to(session, waiting, cast.staff["qiang"], now=now, actor=cast.worker("manager"))
    assert told(session, "chen") == ["order_assigned", "order_reassigned"]
    with pytest.raises(Refusal, match="本来就派给了强师傅"):
        actions.dispatch_to(session, waiting, cast.staff["qiang"], now=now, actor=cast.worker("manager"))


def test_not_even_a_manager_sends_an_electrician_without_certificate(
    session: Session, cast: Cast, now: datetime
) -> None:
    session.execute(sa.update(StaffTrade).where(StaffTrade.trade == "电工").values(certified_until=date(2026, 1, 1)))
    order = cast.report(session, now, "客厅插座没电").order
    with pytest.raises(Refusal, match="证没有登记或已过期"):
        actions.dispatch_to(session, order, cast.staff["liu"], now=now, actor=cast.worker("manager"))


@pytest.mark.parametrize("who", ["chen", "zhang"])
def test_only_the_office_dispatches(session: Session, cast: Cast, waiting: WorkOrder, now: datetime, who: str) -> None:
    actor = cast.worker("chen") if who == "chen" else cast.resident("zhang")
    with pytest.raises(Refusal, match="不该由您来派单"):
        actions.dispatch_to(session, waiting, cast.staff["qiang"], now=now, actor=actor)


def test_the_manager_of_another_compound_finds_nothing(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:

    qian = replace(cast.worker("qian"), community_ids=frozenset({cast.river}))
    with pytest.raises(NotFound):
        actions.change_priority(session, order, "P0", now=now, actor=qian)
    with pytest.raises(NotFound):
        actions.dispatch_to(session, order, cast.staff["qiang"], now=now, actor=qian)


def test_raising_to_p0_alarms_the_office_and_tells_the_worker(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    actions.change_priority(session, order, "P0", now=now, actor=cast.worker("clerk"), reason="水进了电箱")
    assert (order.priority, order.danger, order.state) == ("P0", True, "DISPATCHED")
    assert told(session, "chen") == ["order_assigned", "order_priority"]
    assert told(session, "manager") == ["order_urgent"]


def test_raising_what_waits_sends_somebody_at_once(session: Session, cast: Cast, now: datetime) -> None:
    order = cast.report(session, now.replace(hour=22)).order
    sent = actions.change_priority(session, order, "P1", now=now.replace(hour=22), actor=cast.worker("manager"))
    assert sent is not None
    assert sent.worker is not None
    assert (sent.worker.name, order.state) == ("陈师傅", "DISPATCHED")


def test_priorities_change_only_to_real_ones_and_by_the_program_only_upwards(
    session: Session, cast: Cast, order: WorkOrder, now: datetime
) -> None:
    with pytest.raises(Refusal, match="P0、P1、P2、P3"):
        actions.change_priority(session, order, "P9", now=now, actor=cast.worker("manager"))
    with pytest.raises(AlreadyDone, match="本来就是 P2"):
        actions.change_priority(session, order, "P2", now=now, actor=cast.worker("manager"))
    with pytest.raises(Refusal, match="只能调高"):
        actions.change_priority(session, order, "P3", now=now, actor=system_actor(cast.company_id))
    with pytest.raises(Refusal, match="不该由您来改优先级"):
        actions.change_priority(session, order, "P1", now=now, actor=cast.resident("zhang"))


def test_a_follow_up_is_made_by_somebody_else(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> None:
    actions.finish(session, order, now=now, actor=cast.worker("chen"), result="换了角阀")
    actions.rate(session, order, now=now, actor=cast.resident("zhang"), stars=2)
    with pytest.raises(Refusal, match="要由别人回访"):
        actions.visited(session, order, now=now, actor=cast.worker("chen"), result="满意")
    with pytest.raises(Refusal, match="前台或经理来做"):
        actions.visited(session, order, now=now, actor=cast.worker("liu"), result="满意")
    with pytest.raises(Refusal, match="回访结果请选"):
        actions.visited(session, order, now=now, actor=cast.worker("clerk"), result="很好")
    actions.visited(session, order, now=now, actor=cast.worker("clerk"), result="满意")
    assert (order.state, order.closed_at) == ("CLOSED", now)
    assert told(session, "zhang")[-1] == "order_closed"
