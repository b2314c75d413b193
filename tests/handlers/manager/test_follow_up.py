import pytest
from sqlalchemy.orm import Session

from models.workorders import actions
from models.workorders.queries import events_of
from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast


@pytest.fixture
def unhappy(session: Session, cast: Cast, order: WorkOrder, talk: Talking) -> WorkOrder:
    """Finished, and rated with two stars."""
    talk.says("chen", f"完工 {order.id} 换了角阀")
    actions.rate(session, order, now=talk.now, actor=cast.resident("zhang"), stars=2)
    return order


@pytest.mark.parametrize(
    ("words", "result"),
    [("满意", "满意"), ("还是不满意", "不满"), ("住户说很好", "满意"), ("一般", "一般"), ("说太差了", "不满")],
)
def test_the_result_is_written_down_and_the_order_closed(
    session: Session, unhappy: WorkOrder, talk: Talking, words: str, result: str
) -> None:
    assert f"回访记下了：{result}" in talk.says("clerk", f"回访 {unhappy.id} {words}")
    assert unhappy.state == "CLOSED"
    assert events_of(session, unhappy.id)[-1].details == {"result": result}


def test_a_missing_result_is_chosen_by_number(unhappy: WorkOrder, talk: Talking) -> None:
    assert "4. 联系不上" in talk.says("clerk", "回访")
    talk.says("clerk", "1")
    assert unhappy.state == "CLOSED"


def test_a_worker_does_not_follow_up(unhappy: WorkOrder, talk: Talking) -> None:
    assert "回访由物业来做" in talk.says("chen", f"回访 {unhappy.id} 满意")
    assert unhappy.state == "WAIT_VISIT"
