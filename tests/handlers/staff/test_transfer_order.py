from datetime import date

from sqlalchemy.orm import Session

from models.people.tables import Staff, StaffArea, StaffTrade
from models.workorders.tables import WorkOrder
from tests.handlers.talking import Talking
from tests.support.repairs import Cast, told


def test_the_order_goes_to_the_colleague_named(session: Session, cast: Cast, order: WorkOrder, talk: Talking) -> None:
    assert "已转给强师傅" in talk.says("chen", f"转单 {order.id} 强师傅")
    assert (order.state, order.staff_id) == ("DISPATCHED", cast.staff["qiang"].id)
    assert told(session, "qiang") == ["order_assigned"]


def test_a_missing_name_is_asked_for(cast: Cast, order: WorkOrder, talk: Talking) -> None:
    assert "转给谁" in talk.says("chen", "转单")
    assert "没有找到叫「诸葛」的同事" in talk.says("chen", "诸葛")
    assert "已转给强师傅" in talk.says("chen", "小强")
    assert order.staff_id == cast.staff["qiang"].id


def test_electrical_work_without_a_certificate_is_refused_and_nothing_moves(
    session: Session, cast: Cast, talk: Talking
) -> None:
    order = cast.report(session, talk.now, problem="客厅插座没电了").order
    assert order.staff_id == cast.staff["liu"].id
    assert "没有登记这个工种" in talk.says("liu", f"转单 {order.id} 陈师傅")
    assert order.staff_id == cast.staff["liu"].id


def test_two_of_one_name_are_offered(session: Session, cast: Cast, order: WorkOrder, talk: Talking) -> None:
    for name in ("王刚", "王强"):
        staff = Staff(company_id=cast.company_id, name=name, role="worker", on_duty=True, joined_at=talk.now)
        session.add(staff)
        session.flush()
        session.add(StaffArea(staff_id=staff.id, community_id=cast.garden, building=""))
        session.add(StaffTrade(staff_id=staff.id, trade="水工", certified_until=date(2030, 1, 1)))
    session.flush()
    question = talk.says("chen", f"转单 {order.id} 小王")
    assert "1. 王刚" in question
    assert "2. 王强" in question
    assert "已转给王强" in talk.says("chen", "2")


def test_who_could_go_is_offered_by_number(session: Session, cast: Cast, order: WorkOrder, talk: Talking) -> None:
    question = talk.says("chen", "转单")
    assert "1. 强师傅（水工，不在班）" in question
    assert "周师傅" not in question, "he looks after another compound"
    assert "陈师傅（" not in question, "he has it already"
    assert "已转给强师傅" in talk.says("chen", "1")


def test_the_command_said_again_is_nobodys_name(cast: Cast, order: WorkOrder, talk: Talking) -> None:
    talk.says("chen", "转单")
    assert "叫「转单" not in talk.says("chen", f"转单 {order.id}")


def test_an_unknown_name_is_said_to_be_unknown(cast: Cast, order: WorkOrder, talk: Talking) -> None:
    assert "没有找到叫「李四」的同事" in talk.says("manager", f"派单 {order.id} 李四")
