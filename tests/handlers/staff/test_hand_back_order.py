import pytest
from sqlalchemy.orm import Session

from models.workorders.queries import events_of
from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast, told


def test_a_reason_in_the_same_breath_is_enough(session: Session, cast: Cast, order: WorkOrder, talk: Talking) -> None:
    cast.staff["qiang"].on_duty = True
    session.flush()
    assert "已转给强师傅" in talk.says("chen", f"退单 {order.id} 在修别家")
    assert told(session, "qiang") == ["order_assigned"]
    assert [event.reason for event in events_of(session, order.id) if event.event == "hand_back"] == ["在修别家"]


@pytest.mark.parametrize(("answer", "reason"), [("2", "没有配件"), ("家里有急事", "家里有急事")])
def test_a_missing_reason_is_asked_for_with_choices(
    session: Session, order: WorkOrder, talk: Talking, answer: str, reason: str
) -> None:
    assert "1. 走不开" in talk.says("chen", f"退单 {order.id}")
    assert order.state == "DISPATCHED"
    assert "经理会另外安排" in talk.says("chen", answer)
    assert order.state == "ACCEPTED"
    assert events_of(session, order.id)[-1].reason == reason


def test_nothing_in_hand_is_said(talk: Talking) -> None:
    assert "没有可以退的单" in talk.says("chen", "退单")
