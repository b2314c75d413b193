from datetime import date

import pytest
from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import last_told


@pytest.fixture(autouse=True)
def taken(order: WorkOrder, talk: Talking) -> None:
    talk.says("chen", f"接单 {order.id}")


def test_the_owner_hears_why_and_until_when(session: Session, order: WorkOrder, talk: Talking) -> None:
    reply = talk.says("chen", f"挂起 {order.id} 等配件 周五到")
    assert "3月13日" in reply
    assert order.state == "PAUSED"
    assert order.pause_until is not None
    assert order.pause_until.date() == date(2026, 3, 13)
    assert last_told(session, "zhang")["until"] == "3月13日"


def test_without_a_day_it_waits_until_told(order: WorkOrder, talk: Talking) -> None:
    assert f"恢复 {order.id}" in talk.says("chen", f"挂起 {order.id} 等配件")
    assert (order.state, order.pause_until) == ("PAUSED", None)


def test_a_missing_reason_is_asked_for(order: WorkOrder, talk: Talking) -> None:
    assert "1. 等配件" in talk.says("chen", "挂起")
    talk.says("chen", "2")
    assert (order.state, order.pause_reason) == ("PAUSED", "等业主")


def test_being_busy_is_refused_and_nothing_changes(order: WorkOrder, talk: Talking) -> None:
    assert "可以挂起的原因有" in talk.says("chen", f"挂起 {order.id} 太忙了")
    assert order.state == "TAKEN"
