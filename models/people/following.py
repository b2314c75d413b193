"""A WeChat begins and stops following the official account."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.audit.log import record
from models.audit.tables import AuditEntry
from models.db import Base, insert_or_ignore
from models.messaging.tables import Consent, Conversation, Inbox, Outbox
from models.people.names import wechat_name
from models.people.staffing import let_go_of_wechat
from models.people.tables import Binding, BindRequest, Follower, Staff

UNFOLLOW = "wechat.unfollow"


def follow(session: Session, *, account: str, openid: str, at: datetime) -> bool:
    """Note a follower. `at` is WeChat's own time of the event, because events may arrive out of order.

    False for an event that arrives late, after the person has already left again.
    """
    if _left_after(session, account, openid, at):
        return False
    if not insert_or_ignore(session, Follower, {"account": account, "openid": openid, "followed_at": at}):
        session.execute(
            sa.update(Follower)
            .where(Follower.account == account, Follower.openid == openid, Follower.followed_at < at)
            .values(followed_at=at)
            .execution_options(synchronize_session=False)
        )
    return True


def is_follower(session: Session, account: str, openid: str) -> bool:
    found = sa.select(Follower.openid).where(Follower.account == account, Follower.openid == openid)
    return session.execute(found).first() is not None


def _left_after(session: Session, account: str, openid: str, at: datetime) -> bool:
    """Only the log still knows that somebody left, and when by WeChat's time; it knows them by a digest."""
    times = session.scalars(
        sa.select(AuditEntry.details).where(
            AuditEntry.subject == wechat_name(account, openid), AuditEntry.action == UNFOLLOW
        )
    )
    return any(int(left.get("left_at", 0)) > at.timestamp() for left in times)


def unfollow(session: Session, *, account: str, openid: str, at: datetime, open_orders: int, now: datetime) -> bool:
    """Forget the WeChat: its bindings, its talk, what still waited to be sent. The company's books stay.

    The platform demands it (wechat.md 3.1: delete the user's information after `unsubscribe`); people and residents are kept
    under the company's own legal basis. `open_orders`: how many the person is working on, for the managers. False for an event
    that arrives late, after the person already follows again.
    """
    followed_at = session.scalar(
        sa.select(Follower.followed_at).where(Follower.account == account, Follower.openid == openid)
    )
    if followed_at is not None and followed_at > at:
        return False
    staff = session.scalar(sa.select(Staff).where(Staff.account == account, Staff.openid == openid))
    if staff is not None:
        let_go_of_wechat(session, staff, open_orders=open_orders, now=now)
    bindings = len(session.scalars(sa.select(Binding.id).where(_theirs(Binding, account, openid))).all())
    for table in (Binding, BindRequest, Follower, Conversation, Consent):
        session.execute(
            sa.delete(table).where(_theirs(table, account, openid)).execution_options(synchronize_session=False)
        )
    _silence(session, account, openid)
    record(
        session,
        at=now,
        actor=wechat_name(account, openid),
        action=UNFOLLOW,
        subject=wechat_name(account, openid),
        details={"bindings": bindings, "left_at": int(at.timestamp())},
        source="chat",
    )
    return True


def _silence(session: Session, account: str, openid: str) -> None:
    """Nothing more is sent, and what was said is wiped. The inbox keeps its keys: a retry must still be recognised."""
    session.execute(
        sa.update(Outbox)
        .where(_theirs(Outbox, account, openid), Outbox.state.in_(("waiting", "parked", "untold")))
        .values(state="failed", data={}, outcome="取消关注，不再发送")
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(Inbox)
        .where(_theirs(Inbox, account, openid))
        .values(text="", media_id="", reply="")
        .execution_options(synchronize_session=False)
    )


def _theirs(table: type[Base], account: str, openid: str) -> sa.ColumnElement[bool]:
    columns = sa.inspect(table).columns
    return sa.and_(columns["account"] == account, columns["openid"] == openid)
