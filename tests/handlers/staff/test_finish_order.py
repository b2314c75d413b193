from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.workorders.tables import Attachment, WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast, last_told, told


def test_done_in_one_sentence_and_the_owner_is_asked_for_stars(
    session: Session, order: WorkOrder, talk: Talking
) -> None:
    talk.says("chen", f"接单 {order.id}")
    assert "已请住户评价" in talk.says("chen", f"完工 {order.id} 换了角阀")
    assert (order.state, order.result) == ("WAIT_CONFIRM", "换了角阀")
    assert last_told(session, "zhang")["result"] == "换了角阀"


@pytest.mark.parametrize("words", ["换了个角阀好了", "水不漏了修好了"])
def test_free_words_are_the_result(order: WorkOrder, talk: Talking, words: str) -> None:
    talk.says("chen", f"到场 {order.id}")
    talk.says("chen", words)
    assert (order.state, order.result) == ("WAIT_CONFIRM", words)


def test_a_missing_result_is_asked_for(order: WorkOrder, talk: Talking) -> None:
    talk.says("chen", f"到场 {order.id}")
    assert "修了什么" in talk.says("chen", "完工")
    talk.says("chen", "换了软管")
    assert (order.state, order.result) == ("WAIT_CONFIRM", "换了软管")


def test_a_missing_photo_is_asked_for_and_finishes_the_job(
    session: Session, cast: Cast, talk: Talking, now: datetime
) -> None:
    order = cast.report(session, now, "家里停水了").order
    talk.says("chen", f"到场 {order.id}")
    assert "完工照片" in talk.says("chen", f"完工 {order.id} 换了总阀")
    assert order.state == "ON_SITE"
    assert "已请住户评价" in talk.sends_photo("chen")
    assert (order.state, order.result) == ("WAIT_CONFIRM", "换了总阀")
    sent = session.execute(sa.select(Attachment.kind, Attachment.stage, Attachment.by)).all()
    assert sent == [("image", "done", "陈师傅")]


def test_two_jobs_in_hand_are_told_apart(
    session: Session, cast: Cast, order: WorkOrder, talk: Talking, now: datetime
) -> None:
    second = cast.report(session, now, "马桶堵了").order
    for number in (order.id, second.id):
        talk.says("chen", f"接单 {number}")
    assert f"2. #{second.id}" in talk.says("chen", "完工")
    assert "修了什么" in talk.says("chen", "2")
    talk.says("chen", "通开了")
    assert (order.state, second.state) == ("TAKEN", "WAIT_CONFIRM")


def test_nobody_finishes_a_colleagues_job(session: Session, order: WorkOrder, talk: Talking) -> None:
    assert "已经由陈师傅接手" in talk.says("qiang", f"完工 {order.id} 好了")
    assert order.state == "DISPATCHED"
    assert told(session, "zhang") == []
