from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import told


def test_it_is_asked_once_more_and_everybody_hears_of_it(session: Session, order: WorkOrder, talk: Talking) -> None:
    assert "要撤掉" in talk.says("manager", f"撤单 {order.id} 误报")
    assert order.state == "DISPATCHED"
    talk.says("manager", "是")
    assert order.state == "CANCELLED"
    assert told(session, "chen")[-1] == told(session, "zhang")[-1] == "order_cancelled"


def test_no_leaves_it_alone(order: WorkOrder, talk: Talking) -> None:
    talk.says("manager", f"撤单 {order.id}")
    talk.says("manager", "不是")
    assert order.state == "DISPATCHED"


def test_an_unknown_number_is_told_at_once(talk: Talking) -> None:
    assert "没有找到工单 #4321" in talk.says("manager", "撤单 4321")
