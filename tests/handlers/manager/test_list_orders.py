from datetime import datetime

from sqlalchemy.orm import Session

from models.db import Database
from models.workorders import actions
from models.workorders.clock_rules import rules_of
from models.workorders.tables import WorkOrder
from models.workorders.watch import look_at
from tests.handlers.talking import Talking
from tests.support.repairs import Cast, counted


def test_what_is_open_is_listed_with_worker_and_age(order: WorkOrder, talk: Talking) -> None:
    talk.wait(hours=3, minutes=10)
    reply = talk.says("manager", "工单")
    assert "没办完的工单 1 个" in reply
    assert f"#{order.id} P2 锦绣花园 3栋2单元501 厨房水管漏水了（待接单 陈师傅 3小时）" in reply
    assert reply.endswith(f"派人回复「派单 {order.id} 姓名」。")


def test_the_most_urgent_comes_first_and_the_rest_is_counted(
    session: Session, cast: Cast, talk: Talking, now: datetime
) -> None:
    for number in range(11):
        cast.report(session, now, "楼道水管漏水了", home_id=None, place=f"{number}栋楼道")
    urgent = cast.report(session, now, "家里停水了").order
    reply = talk.says("manager", "工单")
    assert reply.splitlines()[1].startswith(f"#{urgent.id} P1")
    assert "没办完的工单 12 个" in reply
    assert "先列最急的 10 个" in reply


def test_one_order_tells_its_whole_story(order: WorkOrder, talk: Talking) -> None:
    talk.wait(minutes=4)
    talk.says("chen", f"接单 {order.id}")
    talk.wait(minutes=30)
    talk.says("chen", f"完工 {order.id} 换了角阀")
    reply = talk.says("manager", f"工单 {order.id}")
    for part in (
        "张伟 13900000000",
        "03-10 09:30 张伟 报修",
        "03-10 09:34 陈师傅 接单",
        "03-10 10:04 陈师傅 完工：换了角阀",
        "待评价",
    ):
        assert part in reply


def test_the_manager_of_another_compound_sees_nothing_of_it(order: WorkOrder, talk: Talking) -> None:
    assert talk.says("qian", "工单") == "现在没有没办完的工单。"
    assert talk.says("qian", f"工单 {order.id}") == f"没有找到工单 #{order.id}，请核对一下号码。"


def test_a_resident_is_refused(order: WorkOrder, talk: Talking) -> None:
    assert "我的报修" in talk.says("zhang", "工单")


def test_the_time_left_stands_in_the_list_and_costs_no_more_statements(
    session: Session, cast: Cast, order: WorkOrder, talk: Talking, now: datetime, kept_database: Database
) -> None:
    second = cast.report(session, now, "马桶堵了").order
    session.flush()
    for each in (order, second):
        look_at(session, each, rules_of(session, cast.company_id, now).of(each.community_id), now=now)
    actions.arrive(session, second, now=now, actor=cast.worker("chen"))
    talk.wait(minutes=5)
    reply = talk.says("manager", "工单")
    assert "5分钟，接单还剩25分钟）" in reply
    assert "，3月14日17:30前修好）" in reply
    talk.wait(minutes=30)
    assert "，接单超时，应在今天10:00前）" in talk.says("manager", "工单")
    with counted(kept_database) as few:
        talk.says("manager", "工单")
    for number in range(6):
        cast.report(session, now, "楼道水管漏水了", home_id=None, place=f"{number}栋楼道")
    with counted(kept_database) as more:
        talk.says("manager", "工单")
    assert len(more) == len(few)
