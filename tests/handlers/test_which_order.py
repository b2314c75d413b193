"""Which order is meant, in the words people use. A number that was said is never passed over for another order."""

import pytest
from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast


@pytest.mark.parametrize("words", ["让强师傅去修{}号", "派单#{}给强师傅"])
def test_the_order_that_was_named_is_sent_and_not_the_only_one_that_waits(
    session: Session, cast: Cast, order: WorkOrder, talk: Talking, words: str
) -> None:
    waiting = cast.report(session, talk.now, problem="望江苑大门坏了", community_id=cast.river, home_id=None).order
    talk.says("manager", words.format(order.id))
    assert order.staff_id == cast.staff["qiang"].id
    assert waiting.staff_id != cast.staff["qiang"].id


@pytest.mark.parametrize("words", ["修了2号泵", "换了2号楼道的灯泡", "修2米水管"])
def test_a_number_of_something_else_is_not_an_order(cast: Cast, order: WorkOrder, talk: Talking, words: str) -> None:
    talk.says("chen", "接单")
    answer = talk.says("chen", f"完工 {words}")
    assert "没有找到工单" not in answer
    assert order.state == "WAIT_CONFIRM"


def test_an_order_that_is_over_is_said_to_be_so_before_anything_is_asked(
    session: Session, cast: Cast, order: WorkOrder, talk: Talking
) -> None:
    talk.says("chen", f"完工 {order.id} 换了角阀")
    for words in ("退单", "挂起", "完工", "转单"):
        answer = talk.says("chen", f"{words} {order.id}")
        assert "？" not in answer, answer
    assert "？" not in talk.says("manager", f"撤单 {order.id}")
