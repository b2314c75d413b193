from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast


def test_a_worker_sees_number_priority_place_and_state(order: WorkOrder, talk: Talking) -> None:
    reply = talk.says("chen", "我的任务")
    assert f"#{order.id} P2 锦绣花园 3栋2单元501 厨房水管漏水了（待接单）" in reply
    assert reply.endswith(f"接单请回复「接单 {order.id}」。")


def test_no_more_than_eight_are_listed(session: Session, cast: Cast, talk: Talking, now: datetime) -> None:
    for number in range(10):
        cast.report(session, now + timedelta(hours=25 * number))
    reply = talk.says("chen", "我的任务")
    assert reply.count("#") == 8
    assert "先看最急的8单" in reply


def test_nothing_to_do_is_good_news(talk: Talking) -> None:
    assert "您手上没有工单" in talk.says("liu", "我的任务")


def test_a_resident_is_shown_the_way(talk: Talking) -> None:
    assert "我的报修" in talk.says("zhang", "我的任务")
