"""Following greets; unfollowing forgets the WeChat and keeps the owner's record."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from handlers.resident import bind_home, greet
from models.messaging.tables import Outbox
from models.people.tables import Binding, Follower, Person
from models.workorders.tables import WorkOrder
from tests.support.books import ACCOUNT, Books
from tests.support.chat import Chat


@pytest.fixture
def chat(session: Session, books: Books, now: datetime) -> Chat:
    events = {"follow": greet.on_follow, "unfollow": greet.on_unfollow}
    return Chat(session, now, bind_home.FLOWS, events)


def test_a_stranger_hears_two_sentences_and_three_things_to_say(chat: Chat) -> None:
    greeting = chat.happens("guest", "follow")
    assert "安居物业" in greeting
    assert greeting.count("· ") == 3
    assert chat.session.scalars(sa.select(Follower.openid)).all() == ["guest"]


def test_who_is_known_is_greeted_by_name_with_other_things_to_say(chat: Chat, books: Books) -> None:
    books.bind("张伟", "zhang")
    books.hire("陈师傅", "worker", "demo-chen")
    books.hire("赵经理", "manager", "demo-zhaomgr")
    greetings = {openid: chat.happens(openid, "follow") for openid in ("guest", "zhang", "demo-chen", "demo-zhaomgr")}
    assert greetings["zhang"].startswith("张伟，")
    assert "我的任务" in greetings["demo-chen"]
    assert "审核" in greetings["demo-zhaomgr"]
    assert len(set(greetings.values())) == 4


def _order(books: Books, **more: object) -> WorkOrder:
    row = WorkOrder(
        company_id=books.company.id,
        community_id=books.jinxiu.id,
        home_id=books.homes["3-2-501"].id,
        category="水",
        trade="水工",
        priority="P2",
        problem="漏水",
        state="TAKEN",
        source="chat",
        created_at=books.now,
        moved_at=books.now,
        **more,
    )
    books.session.add(row)
    books.session.flush()
    return row


def test_unfollowing_cuts_the_wechat_off_and_keeps_person_and_order(chat: Chat, books: Books) -> None:
    books.bind("张伟", "zhang")
    order = _order(books, account=ACCOUNT, openid="zhang", reporter_id=books.people["张伟"].id, reporter_name="张伟")
    chat.now += timedelta(minutes=1)
    assert chat.happens("zhang", "unfollow") == ""
    chat.session.refresh(order)
    assert (order.account, order.openid, order.reporter_name) == (None, None, "张伟")
    assert chat.session.scalars(sa.select(Binding)).all() == []
    assert chat.session.get(Person, books.people["张伟"].id) is not None
    assert "绑定" in chat.happens("zhang", "follow")


def test_a_worker_who_unfollows_leaves_word_of_what_is_open(chat: Chat, books: Books) -> None:
    chen = books.hire("陈师傅", "worker", "demo-chen", books.jinxiu)
    books.hire("赵经理", "manager", "demo-zhaomgr")
    _order(books, staff_id=chen.id)
    chat.happens("demo-chen", "unfollow")
    message = chat.session.scalars(sa.select(Outbox).where(Outbox.openid == "demo-zhaomgr")).one()
    assert message.data == {"name": "陈师傅", "open_orders": 1}
