from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast, last_told


@pytest.fixture
def waiting(session: Session, cast: Cast, now: datetime) -> WorkOrder:
    return cast.report(session, now.replace(hour=22), "家里断网了").order


def test_the_owner_hears_why_and_whom_to_call(session: Session, waiting: WorkOrder, talk: Talking) -> None:
    assert "请联系 10000" in talk.says("clerk", f"不受理 {waiting.id} 宽带归运营商管 10000")
    assert waiting.state == "REJECTED"
    news = last_told(session, "zhang")
    assert (news["reason"], news["refer_to"]) == ("宽带归运营商管", "10000")


def test_without_a_phone_nothing_is_refused_to_the_owner(waiting: WorkOrder, talk: Talking) -> None:
    assert "电话" in talk.says("clerk", f"不受理 {waiting.id} 不归我们管")
    assert waiting.state == "ACCEPTED"


def test_missing_words_are_asked_for(waiting: WorkOrder, talk: Talking) -> None:
    assert "请说原因和该打的电话" in talk.says("clerk", f"不受理 {waiting.id}")
    talk.says("clerk", "宽带归运营商，10000")
    assert waiting.state == "REJECTED"
