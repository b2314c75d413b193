from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast, told


@pytest.fixture
def theirs(session: Session, cast: Cast, order: WorkOrder, now: datetime) -> WorkOrder:
    """Li reports the same at night; nobody has it yet."""
    return cast.report(
        session,
        now.replace(hour=22),
        actor=cast.resident("li"),
        reporter=cast.reporter("li"),
        home_id=cast.next_door,
    ).order


@pytest.mark.parametrize("words", ["合并 {} {}", "合并 {} 到 #{}"])
def test_one_joins_the_other(session: Session, order: WorkOrder, theirs: WorkOrder, talk: Talking, words: str) -> None:
    assert f"#{theirs.id} 已并入 #{order.id}" in talk.says("manager", words.format(theirs.id, order.id))
    assert (theirs.state, theirs.merged_into) == ("MERGED", order.id)
    assert told(session, "li") == ["order_merged"]


def test_a_missing_second_number_is_asked_for(order: WorkOrder, theirs: WorkOrder, talk: Talking) -> None:
    assert "并到哪一单" in talk.says("manager", f"合并 {theirs.id}")
    talk.says("manager", f"{order.id}")
    assert theirs.merged_into == order.id


def test_what_was_sent_out_but_not_taken_can_still_be_merged_and_the_worker_need_not_go(
    session: Session, order: WorkOrder, theirs: WorkOrder, talk: Talking
) -> None:
    assert f"#{order.id} 已并入 #{theirs.id}" in talk.says("manager", f"合并 {order.id} {theirs.id}")
    assert told(session, "chen") == ["order_assigned", "order_cancelled"]


def test_what_somebody_has_taken_cannot_be_merged_away(order: WorkOrder, theirs: WorkOrder, talk: Talking) -> None:
    order.state = "TAKEN"
    assert "不能合并" in talk.says("manager", f"合并 {order.id} {theirs.id}")
    assert order.state == "TAKEN"
