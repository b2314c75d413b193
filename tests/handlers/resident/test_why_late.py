from sqlalchemy.orm import Session

from handlers.resident.why_late import FLOW
from models.workorders.clock_rules import rules_of
from models.workorders.tables import WorkOrder
from models.workorders.watch import look_at
from tests.handlers.talking import Talking
from tests.support.repairs import Cast


def talking(session: Session, talk: Talking) -> Talking:
    return Talking(session, talk.now, (FLOW,))


def looked_at(session: Session, cast: Cast, talk: Talking, *orders: WorkOrder) -> None:
    for order in orders:
        look_at(session, order, rules_of(session, cast.company_id, talk.now).of(order.community_id), now=talk.now)


def test_owner_worker_and_manager_read_the_same(session: Session, cast: Cast, order: WorkOrder, talk: Talking) -> None:
    talk = talking(session, talk)
    talk.wait(minutes=45)
    said = {who: talk.says(who, f"为什么超时 {order.id}") for who in ("zhang", "chen", "manager")}
    assert len(set(said.values())) == 1
    assert "超时15分钟" in said["zhang"]


def test_an_outsider_learns_nothing(session: Session, cast: Cast, order: WorkOrder, talk: Talking) -> None:
    talk = talking(session, talk)
    nothing = f"没有找到工单 #{order.id}，请核对一下号码。"
    assert talk.says("wang", f"为什么超时 {order.id}") == nothing
    assert talk.says("zhou", f"为什么超时 {order.id}") == nothing
    assert talk.says("zhang", "为什么超时 99999") == "没有找到工单 #99999，请核对一下号码。"


def test_without_a_number_the_late_one_is_meant(session: Session, cast: Cast, order: WorkOrder, talk: Talking) -> None:
    talk = talking(session, talk)
    talk.wait(minutes=45)
    fresh = cast.report(session, talk.now, "马桶堵了").order
    looked_at(session, cast, talk, order, fresh)
    assert talk.says("zhang", "怎么就超时了").startswith(f"#{order.id} ")


def test_of_several_one_is_chosen(session: Session, cast: Cast, order: WorkOrder, talk: Talking) -> None:
    other = cast.report(session, talk.now, "马桶堵了").order
    talk = talking(session, talk)
    assert "要看哪一张" in talk.says("zhang", "为什么超时")
    assert talk.says("zhang", "1").startswith((f"#{order.id} ", f"#{other.id} "))


def test_with_nothing_open_there_is_nothing_to_count(session: Session, cast: Cast, talk: Talking) -> None:
    assert "没有在等的单" in talking(session, talk).says("wang", "为什么超时")
