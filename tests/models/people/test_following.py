"""Unfollowing deletes the WeChat link and keeps the owner's record."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Base
from models.estate.queries import SaidHome
from models.messaging import conversations, inbox, outbox
from models.messaging.tables import Inbox, Outbox
from models.people.binding import unbind
from models.people.following import follow, unfollow
from models.people.requests import ask_manager
from models.people.tables import Binding, BindRequest, Follower, Person, Resident, Staff
from tests.support.books import ACCOUNT, Books


def count(session: Session, table: type[Base], *conditions: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0


@pytest.fixture
def followed(books: Books, now: datetime) -> Books:
    """张伟 and 李娜 follow, are bound, have talked, and something waits to be sent to both."""
    session = books.session
    for name, openid in (("张伟", "zhang"), ("李娜", "li")):
        follow(session, account=ACCOUNT, openid=openid, at=now)
        books.bind(name, openid)
        conversations.lock(session, ACCOUNT, openid, now)
        who = {"account": ACCOUNT, "openid": openid}
        inbox.keep(session, **who, key="1", kind="text", text="我家的事", media_id="m", reply="", now=now)
        outbox.put(session, **who, kind="binding_refused", data={"place": "3栋"}, dedupe_key="1", now=now)
        words = SaidHome("3", "2", "503")
        ask_manager(
            session,
            **who,
            company_id=books.company.id,
            community=books.jinxiu,
            words=words,
            name=name,
            phone="",
            relation="family",
            now=now,
        )
    return books


def leave(books: Books, openid: str, after: timedelta = timedelta(minutes=1)) -> bool:
    at = books.now + after
    return unfollow(books.session, account=ACCOUNT, openid=openid, at=at, open_orders=0, now=at)


def test_nothing_of_the_wechat_is_left_and_the_books_stay(followed: Books, session: Session) -> None:
    people, residents = count(session, Person), count(session, Resident)
    assert leave(followed, "zhang")
    for table in (Follower, Binding, BindRequest):
        assert session.scalars(sa.select(table.openid)).all() == ["li"]
    assert session.execute(sa.text("SELECT openid FROM conversations")).scalars().all() == ["li"]
    assert (count(session, Person), count(session, Resident)) == (people, residents)


def test_what_waited_is_not_sent_and_what_was_said_is_wiped(followed: Books, session: Session) -> None:
    leave(followed, "zhang")
    sent = session.execute(sa.select(Outbox.openid, Outbox.state, Outbox.data).order_by(Outbox.id)).all()
    assert [tuple(row) for row in sent] == [("zhang", "failed", {}), ("li", "waiting", {"place": "3栋"})]
    said = session.execute(sa.select(Inbox.openid, Inbox.text).order_by(Inbox.id)).all()
    assert [tuple(row) for row in said] == [("zhang", ""), ("li", "我家的事")]


def test_an_old_unfollow_that_arrives_late_is_ignored(followed: Books, session: Session) -> None:
    assert not leave(followed, "zhang", after=timedelta(minutes=-5))
    assert count(session, Binding, Binding.openid == "zhang") == 1


def test_following_twice_keeps_the_later_time(books: Books, session: Session, now: datetime) -> None:
    for at in (now, now + timedelta(hours=1), now - timedelta(hours=1)):
        follow(session, account=ACCOUNT, openid="zhang", at=at)
    assert session.scalars(sa.select(Follower.followed_at)).all() == [now + timedelta(hours=1)]


def test_a_worker_who_unfollows_goes_off_duty_and_the_manager_hears_it(books: Books, session: Session) -> None:
    chen = books.hire("陈师傅", "worker", "demo-chen", books.jinxiu)
    books.hire("赵经理", "manager", "demo-zhaomgr")
    unfollow(session, account=ACCOUNT, openid="demo-chen", at=books.now, open_orders=2, now=books.now)
    session.refresh(chen)
    assert (chen.account, chen.openid, chen.on_duty) == (None, None, False)
    [message] = session.scalars(sa.select(Outbox)).all()
    assert (message.openid, message.kind) == ("demo-zhaomgr", "staff_left")
    assert message.data == {"name": "陈师傅", "open_orders": 2}
    assert count(session, Staff) == 2


def test_unbinding_one_home_leaves_the_others_and_the_books(followed: Books, session: Session) -> None:
    home = followed.homes["3-2-501"].id
    company = followed.company.id
    assert unbind(session, account=ACCOUNT, openid="zhang", home_id=home, company_id=company, now=followed.now)
    assert not unbind(session, account=ACCOUNT, openid="zhang", home_id=home, company_id=company, now=followed.now)
    assert session.scalars(sa.select(Binding.openid)).all() == ["li"]
    assert count(session, Resident, Resident.home_id == home) == 2
