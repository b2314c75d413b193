from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast, told


@pytest.fixture
def waiting(session: Session, cast: Cast, now: datetime) -> WorkOrder:
    """Reported at night: nobody has it yet."""
    return cast.report(session, now.replace(hour=22)).order


@pytest.mark.parametrize("words", ["派单 {} 陈师傅", "派单{} 陈师傅", "派单 #{} 陈"])
def test_the_manager_sends_somebody(
    session: Session, cast: Cast, waiting: WorkOrder, talk: Talking, words: str
) -> None:
    assert "已派给陈师傅" in talk.says("manager", words.format(waiting.id))
    assert (waiting.state, waiting.staff_id) == ("DISPATCHED", cast.staff["chen"].id)
    assert told(session, "chen") == ["order_assigned"]


def test_what_is_missing_is_asked_for(cast: Cast, waiting: WorkOrder, talk: Talking) -> None:
    assert "派给谁" in talk.says("manager", "派单")
    assert "已派给陈师傅" in talk.says("manager", "陈师傅")
    assert waiting.staff_id == cast.staff["chen"].id


def test_what_speaks_against_it_is_said(waiting: WorkOrder, talk: Talking) -> None:
    assert "请留意：强师傅不在班" in talk.says("manager", f"派单 {waiting.id} 强师傅")


def test_a_name_nobody_has_is_asked_again(waiting: WorkOrder, talk: Talking) -> None:
    assert "派给谁" in talk.says("manager", f"派单 {waiting.id} 诸葛亮")
    assert waiting.state == "ACCEPTED"


@pytest.mark.parametrize("who", ["chen", "zhang", "clerk", "qian"])
def test_nobody_else_dispatches(waiting: WorkOrder, talk: Talking, who: str) -> None:
    talk.says(who, f"派单 {waiting.id} 陈师傅")
    assert waiting.state == "ACCEPTED"
