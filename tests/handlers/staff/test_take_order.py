from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast, told


@pytest.mark.parametrize("words", ["接单 {}", "接单{}", "接单 #{}", "接单"])
def test_the_worker_takes_it_and_reads_where_to_go(
    session: Session, order: WorkOrder, talk: Talking, words: str
) -> None:
    reply = talk.says("chen", words.format(order.id))
    for part in (f"#{order.id}", "3栋2单元501", "厨房水管漏水了", "张伟 13900000000", f"到场 {order.id}"):
        assert part in reply
    assert order.state == "TAKEN"
    assert told(session, "zhang") == ["order_taken"]


def test_with_nothing_sent_the_answer_is_clear(talk: Talking) -> None:
    assert "没有等您接的单" in talk.says("chen", "接单")


def test_with_several_the_worker_chooses_by_number(
    session: Session, cast: Cast, order: WorkOrder, talk: Talking, now: datetime
) -> None:
    second = cast.report(session, now, "马桶堵了").order
    question = talk.says("chen", "接单")
    assert f"1. #{order.id}" in question
    assert f"2. #{second.id}" in question
    assert f"#{second.id}" in talk.says("chen", "2")
    assert (order.state, second.state) == ("DISPATCHED", "TAKEN")


def test_what_waits_for_anybody_is_offered_to_those_with_the_trade(
    session: Session, cast: Cast, talk: Talking, now: datetime
) -> None:
    order = cast.report(session, now.replace(hour=22)).order
    assert "没有等您接的单" in talk.says("liu", "接单")
    assert "接好了" in talk.says("chen", "接单")
    assert order.staff_id == cast.staff["chen"].id


def test_the_second_one_hears_who_was_first(order: WorkOrder, talk: Talking) -> None:
    assert "已经由陈师傅接手" in talk.says("qiang", f"接单 {order.id}")


def test_a_number_of_another_compound_does_not_exist(order: WorkOrder, talk: Talking) -> None:
    assert talk.says("zhou", f"接单 {order.id}") == f"没有找到工单 #{order.id}，请核对一下号码。"
    assert talk.says("zhou", "接单 99999") == "没有找到工单 #99999，请核对一下号码。"


def test_a_resident_is_refused_kindly(order: WorkOrder, talk: Talking) -> None:
    assert "接单是师傅用的" in talk.says("zhang", f"接单 {order.id}")
    assert order.state == "DISPATCHED"
