from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import told


def test_the_office_decides_how_urgent_it_is(session: Session, order: WorkOrder, talk: Talking) -> None:
    assert f"#{order.id} 改为 P1 紧急" in talk.says("manager", f"优先 {order.id} P1")
    assert order.priority == "P1"
    assert told(session, "chen") == ["order_assigned", "order_priority"]


def test_a_missing_priority_is_chosen_by_number(order: WorkOrder, talk: Talking) -> None:
    assert "2. P1 紧急" in talk.says("manager", f"优先 {order.id}")
    talk.says("manager", "2")
    assert order.priority == "P1"


def test_a_worker_cannot_change_it(order: WorkOrder, talk: Talking) -> None:
    assert "由物业来定" in talk.says("chen", f"优先 {order.id} P0")
    assert order.priority == "P2"
