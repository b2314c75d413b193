from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import told


def test_it_goes_on_and_the_owner_hears_it(session: Session, order: WorkOrder, talk: Talking) -> None:
    for words in (f"到场 {order.id}", f"挂起 {order.id} 等配件"):
        talk.says("chen", words)
    assert f"#{order.id} 继续" in talk.says("chen", "恢复")
    assert order.state == "ON_SITE"
    assert told(session, "zhang")[-1] == "order_resumed"


def test_nothing_paused_is_said(talk: Talking) -> None:
    assert "没有挂起的单" in talk.says("chen", "恢复")
