"""加入, 上班, 下班, and the manager's 邀请, 审核, 绑定码."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from handlers.manager import approve_binding, give_bind_code, invite_staff
from handlers.resident import bind_home
from handlers.staff import go_on_duty, join
from models.people.tables import Binding, Staff, StaffArea, StaffTrade
from models.workorders.tables import WorkOrder
from tests.support.books import Books
from tests.support.chat import Chat


@pytest.fixture
def chat(session: Session, books: Books, now: datetime) -> Chat:
    books.hire("赵经理", "manager", "demo-zhaomgr")
    books.hire("钱主任", "manager", "demo-qian", books.wangjiang)
    flows = (
        join.FLOW,
        *go_on_duty.FLOWS,
        approve_binding.FLOW,
        give_bind_code.FLOW,
        invite_staff.FLOW,
        *bind_home.FLOWS,
    )
    return Chat(session, now, flows)


def code_in(reply: str) -> str:
    return reply.split("加入 ")[1][:8]


def areas_of(session: Session, name: str) -> set[int]:
    query = sa.select(StaffArea.community_id).join(Staff, Staff.id == StaffArea.staff_id).where(Staff.name == name)
    return set(session.scalars(query))


def test_a_manager_invites_and_the_worker_joins(chat: Chat) -> None:
    code = code_in(chat.says("demo-zhaomgr", "邀请 黄师傅 水工"))
    reply = chat.says("guest", f"加入 {code}")
    assert "黄师傅，欢迎加入（维修员，水工）" in reply
    assert chat.says("other", f"入职 {code}") == join.FAULTS["used"]
    assert chat.says("guest", f"加入 {code}") == join.FAULTS["member"]


def test_an_invitation_code_without_any_word_is_enough(chat: Chat) -> None:
    code = code_in(chat.says("demo-zhaomgr", "邀请 黄师傅 水工"))
    assert "黄师傅，欢迎加入" in chat.says("guest", code)


def test_an_invitation_names_the_compound_and_the_building(chat: Chat, books: Books) -> None:
    code = code_in(chat.says("demo-zhaomgr", "邀请 黄师傅 水工 综合 锦绣花园 3栋 13511112222"))
    chat.says("guest", f"加入 {code}")
    staff = chat.session.scalars(sa.select(Staff).where(Staff.name == "黄师傅")).one()
    area = chat.session.scalars(sa.select(StaffArea).where(StaffArea.staff_id == staff.id)).one()
    trades = chat.session.scalars(sa.select(StaffTrade.trade).where(StaffTrade.staff_id == staff.id))
    assert (area.community_id, area.building, staff.phone) == (books.jinxiu.id, "3", "13511112222")
    assert set(trades) == {"水工", "综合"}


def test_a_manager_gives_away_no_more_than_they_have(chat: Chat, books: Books) -> None:
    code = code_in(chat.says("demo-qian", "邀请 黄师傅 水工"))
    chat.says("guest", f"加入 {code}")
    assert areas_of(chat.session, "黄师傅") == {books.wangjiang.id}
    code = code_in(chat.says("demo-qian", "邀请 林师傅 水工 锦绣花园"))
    chat.says("guest-2", f"加入 {code}")
    assert areas_of(chat.session, "林师傅") == {books.wangjiang.id}


def test_an_electrician_needs_a_certificate(chat: Chat) -> None:
    assert "电工证" in chat.says("demo-zhaomgr", "邀请 黄师傅 电工")
    code = code_in(chat.says("demo-zhaomgr", "2027年5月31日"))
    chat.says("guest", f"加入 {code}")
    trade = chat.session.scalars(sa.select(StaffTrade)).one()
    assert (trade.trade, str(trade.certified_until)) == ("电工", "2027-05-31")


def test_a_clerk_does_not_invite_managers(chat: Chat, books: Books) -> None:
    books.hire("周客服", "clerk", "demo-clerk")
    assert chat.says("demo-clerk", "邀请 孙丽 经理") == invite_staff.ONLY_MANAGERS
    assert "（经理，" in chat.says("demo-zhaomgr", "邀请 孙丽 经理")


@pytest.mark.parametrize("words", ["邀请 黄师傅 水工", "审核", "绑定码 3-2-501"])
def test_residents_and_workers_are_refused_in_clear_words(chat: Chat, books: Books, words: str) -> None:
    books.bind("张伟", "zhang")
    books.hire("陈师傅", "worker", "demo-chen", books.jinxiu)
    for openid in ("zhang", "demo-chen", "guest"):
        reply = chat.says(openid, words)
        assert "经理" in reply
        assert "张伟" not in reply


def test_words_that_are_no_code_are_asked_for_again(chat: Chat) -> None:
    assert chat.says("guest", "加入") == join.ASK_CODE
    assert chat.says("guest", "你好") == join.NOT_A_CODE


def test_a_binding_code_said_to_the_wrong_flow_is_explained(chat: Chat) -> None:
    assert "绑定 K7M3PQ2X" in chat.says("guest", "加入 K7M3PQ2X")
    assert "加入 7K3MPQ2X" in chat.says("guest", "绑定 7K3MPQ2X")


# --- duty -------------------------------------------------------------------------------------------------------------


def test_leaving_with_work_in_hand_says_so(chat: Chat, books: Books, now: datetime) -> None:
    chen = books.hire("陈师傅", "worker", "demo-chen", books.jinxiu)
    order = WorkOrder(
        company_id=books.company.id,
        community_id=books.jinxiu.id,
        category="水",
        trade="水工",
        priority="P2",
        problem="漏水",
        state="TAKEN",
        source="chat",
        staff_id=chen.id,
        created_at=now,
        moved_at=now,
    )
    chat.session.add(order)
    chat.session.flush()
    reply = chat.says("demo-chen", "下班")
    assert f"1 个工单：#{order.id}" in reply
    assert "已经是下班" in chat.says("demo-chen", "下班")
    assert "已上班" in chat.says("demo-chen", "上班")


def test_duty_is_for_staff(chat: Chat) -> None:
    assert chat.says("guest", "上班") == go_on_duty.REFUSAL


# --- 审核, 绑定码 -----------------------------------------------------------------------------------------------------


def ask_for_review(chat: Chat, openid: str = "guest", room: str = "3-2-501") -> None:
    assert "交给管理员" in chat.says(openid, f"申请审核 锦绣花园 {room} 张小伟 13511112222 家人")


def test_a_manager_sees_the_request_before_deciding(chat: Chat) -> None:
    ask_for_review(chat)
    seen = chat.says("demo-zhaomgr", "审核")
    assert "锦绣花园3栋2单元501：张小伟，自称家人，电话 13511112222" in seen
    assert "业主张伟" in seen
    assert "已通过：锦绣花园3栋2单元501" in chat.says("demo-zhaomgr", "1")
    assert chat.session.scalars(sa.select(Binding.openid)).all() == ["guest"]


def test_words_of_approval_approve_nothing_that_was_not_shown(chat: Chat) -> None:
    ask_for_review(chat)
    chat.says("demo-zhaomgr", "通过他的绑定")
    assert chat.session.scalars(sa.select(Binding.openid)).all() == []


def test_of_several_requests_one_is_chosen(chat: Chat) -> None:
    ask_for_review(chat)
    ask_for_review(chat, "guest-2", "3-2-502")
    assert "2. 锦绣花园3栋2单元502" in chat.says("demo-zhaomgr", "审核")
    chat.says("demo-zhaomgr", "2")
    assert "已拒绝：锦绣花园3栋2单元502" in chat.says("demo-zhaomgr", "拒绝")
    assert "501" in chat.says("demo-zhaomgr", "审核")


def test_the_manager_of_another_compound_sees_no_request(chat: Chat) -> None:
    ask_for_review(chat)
    assert chat.says("demo-qian", "审核") == approve_binding.NOTHING


def test_a_manager_hands_out_a_code_for_somebody_on_the_books(chat: Chat) -> None:
    assert "张伟（业主）" in chat.says("demo-zhaomgr", "绑定码 锦绣花园 3-2-501")
    reply = chat.says("demo-zhaomgr", "1")
    code = reply.split("绑定 ")[1][:8]
    assert "您是业主" in chat.says("guest", f"绑定 {code}")


def test_a_manager_hands_out_a_code_for_somebody_new(chat: Chat) -> None:
    assert "张小伟是这一户的" in chat.says("demo-zhaomgr", "绑定码 锦绣花园 3-2-501 张小伟")
    assert "（家人）" in chat.says("demo-zhaomgr", "家人")


def test_no_code_for_a_home_of_somebody_elses_compound(chat: Chat) -> None:
    assert give_bind_code.NO_SUCH_HOME in chat.says("demo-qian", "绑定码 锦绣花园 3-2-501")
