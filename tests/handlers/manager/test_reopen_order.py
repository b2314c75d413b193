from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking


def test_the_office_has_it_mended_again(order: WorkOrder, talk: Talking) -> None:
    talk.says("chen", f"完工 {order.id} 换了角阀")
    assert "已派给陈师傅" in talk.says("manager", f"返修 {order.id} 又漏了")
    assert (order.state, order.reopened, order.priority) == ("DISPATCHED", 1, "P1")


def test_what_is_not_finished_cannot_be_reopened(order: WorkOrder, talk: Talking) -> None:
    assert "不能返修" in talk.says("manager", f"返修 {order.id}")
    assert order.reopened == 0
