from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import told


def test_the_owner_hears_that_somebody_is_there(session: Session, order: WorkOrder, talk: Talking) -> None:
    talk.says("chen", f"接单 {order.id}")
    assert f"完工 {order.id}" in talk.says("chen", "到场")
    assert order.state == "ON_SITE"
    assert told(session, "zhang") == ["order_taken", "order_arrived"]


def test_coming_without_having_taken_it_takes_it(order: WorkOrder, talk: Talking) -> None:
    talk.says("chen", f"到场 {order.id}")
    assert order.state == "ON_SITE"


def test_nothing_to_come_to_is_said(order: WorkOrder, talk: Talking) -> None:
    assert "没有等着去的单" in talk.says("chen", "到场")
    assert order.state == "DISPATCHED"
