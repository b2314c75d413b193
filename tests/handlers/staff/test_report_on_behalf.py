from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.estate.tables import Home
from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast, told


def only_order(session: Session) -> WorkOrder:
    return session.scalars(sa.select(WorkOrder)).one()


def test_a_caller_is_helped_in_one_sentence(session: Session, cast: Cast, talk: Talking) -> None:
    reply = talk.says("clerk", "代报修 3-2-501 厨房漏水")
    order = only_order(session)
    assert f"#{order.id}" in reply
    assert "已派给陈师傅" in reply
    assert (order.source, order.home_id, order.problem) == ("behalf", cast.home, "厨房漏水")
    assert (order.reporter_name, order.reporter_phone, order.openid) == ("张伟", "13900000000", "zhang")
    talk.says("chen", "接单")
    assert told(session, "zhang") == ["order_opened", "order_taken"]


def test_what_is_missing_is_asked_for(session: Session, cast: Cast, talk: Talking) -> None:
    assert "是哪一户" in talk.says("clerk", "代报修")
    assert "哪里坏了" in talk.says("clerk", "3-2-501")
    talk.says("clerk", "马桶堵了")
    assert only_order(session).problem == "马桶堵了"


def test_an_address_of_two_compounds_is_chosen_by_number(
    session: Session, cast: Cast, talk: Talking, now: datetime
) -> None:
    session.add(Home(community_id=cast.river, building="3", entrance="2", room="501", created_at=now))
    session.flush()
    question = talk.says("clerk", "代报修 3-2-501 厨房漏水")
    assert "1. 锦绣花园3栋2单元501" in question
    assert "2. 望江苑3栋2单元501" in question
    talk.says("clerk", "2")
    assert only_order(session).community_id == cast.river


def test_a_worker_reports_only_for_the_compounds_they_work_in(session: Session, cast: Cast, talk: Talking) -> None:
    assert "没有找到这一户" in talk.says("zhou", "代报修 3-2-501 厨房漏水")
    assert session.scalars(sa.select(WorkOrder)).all() == []


def test_a_resident_is_refused(session: Session, talk: Talking) -> None:
    assert "代报修是员工用的" in talk.says("li", "代报修 3-2-501 厨房漏水")
    assert session.scalars(sa.select(WorkOrder)).all() == []
