"""Who speaks, in how many statements, and what is expected to be said next."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.incoming import Incoming
from handlers.speaker import Person, identify
from models.people.tables import Staff
from models.workorders.tables import WorkOrder
from tests.support.books import ACCOUNT, Books


def who(books: Books, openid: str, account: str = ACCOUNT) -> Person:
    incoming = Incoming(account=account, openid=openid, kind="text", key="1", sent_at=books.now)
    return identify(books.session, incoming, books.now)


def order(books: Books, state: str, **more: Any) -> int:
    defaults: dict[str, Any] = {
        "company_id": books.company.id,
        "community_id": books.jinxiu.id,
        "category": "水",
        "trade": "水工",
        "priority": "P2",
        "problem": "漏水",
        "source": "chat",
        "created_at": books.now,
        "moved_at": books.now,
    }
    row = WorkOrder(**(defaults | {"state": state} | more))
    books.session.add(row)
    books.session.flush()
    return row.id


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", note)


def test_a_stranger_is_a_visitor_of_the_company(books: Books) -> None:
    person = who(books, "guest")
    assert (person.role, person.roles, person.company_id) == ("visitor", {"visitor"}, books.company.id)
    assert (person.name, person.homes, person.awaiting) == ("", (), "")


def test_an_account_of_nobody_has_no_company(books: Books) -> None:
    assert who(books, "guest", "gh_nobody").company_id is None


def test_an_owner_is_known_with_home_name_and_phone(books: Books) -> None:
    books.bind("张伟", "zhang")
    person = who(books, "zhang")
    assert (person.role, person.name, person.phone) == ("owner", "张伟", "13800138000")
    assert [(home.community, home.label, home.key) for home in person.homes] == [("锦绣花园", "3栋2单元501", "3-2-501")]
    assert person.community_ids == {books.jinxiu.id}
    assert person.log_name == f"resident:{books.people['张伟'].id}"


def test_family_is_understood_like_an_owner_but_has_other_rights(books: Books) -> None:
    books.bind("赵敏", "zhao")
    books.session.execute(sa.text("UPDATE bindings SET relation = 'family'"))
    person = who(books, "zhao")
    assert person.role == "owner"
    assert person.roles == {"owner", "family", "resident"}
    assert person.homes_where("see_bills") == person.homes
    assert person.homes_where("vote") == ()


def test_a_tenant_is_a_tenant(books: Books) -> None:
    books.bind("赵敏", "zhao")
    assert who(books, "zhao").roles == {"tenant", "resident"}


@pytest.mark.parametrize(
    ("role", "understood", "roles", "manages"),
    [
        ("worker", "staff", {"staff", "worker"}, False),
        ("lead", "staff", {"staff", "lead"}, False),
        ("cashier", "staff", {"staff", "cashier"}, False),
        ("clerk", "manager", {"staff", "manager", "clerk"}, True),
        ("manager", "manager", {"staff", "manager"}, True),
    ],
)
def test_staff_by_their_role(books: Books, role: str, understood: str, roles: set[str], manages: bool) -> None:
    books.hire("某人", role, "somebody")
    person = who(books, "somebody")
    assert (person.role, person.roles, person.is_manager) == (understood, roles, manages)


def test_the_scope_of_staff_is_their_areas_or_the_whole_company(books: Books) -> None:
    books.hire("赵经理", "manager", "demo-zhaomgr")
    books.hire("钱主任", "manager", "demo-qian", books.wangjiang)
    assert who(books, "demo-zhaomgr").community_ids is None
    assert who(books, "demo-qian").community_ids == {books.wangjiang.id}


def test_who_left_is_staff_no_more(books: Books) -> None:
    books.hire("陈师傅", "worker", "demo-chen")
    books.session.execute(sa.update(Staff).values(left_at=books.now))
    assert who(books, "demo-chen").role == "visitor"


def test_staff_who_live_here_are_both(books: Books) -> None:
    books.hire("张伟", "worker", "zhang")
    books.bind("张伟", "zhang")
    assert who(books, "zhang").roles == {"staff", "worker", "owner", "resident"}


def test_after_the_work_a_rating_is_expected_for_three_days(books: Books) -> None:
    books.bind("张伟", "zhang")
    mine = {"account": ACCOUNT, "openid": "zhang"}
    number = order(books, "WAIT_CONFIRM", moved_at=books.now - timedelta(hours=71), **mine)
    person = who(books, "zhang")
    assert (person.awaiting, person.awaiting_order) == ("awaiting_rating", number)
    books.now += timedelta(hours=2)
    assert who(books, "zhang").awaiting == ""


@pytest.mark.parametrize(
    ("state", "awaiting"),
    [
        ("DISPATCHED", "order_pushed"),
        ("TAKEN", "order_in_progress"),
        ("ON_SITE", "order_in_progress"),
        ("PAUSED", ""),
        ("CLOSED", ""),
    ],
)
def test_what_a_worker_is_expected_to_speak_of(books: Books, state: str, awaiting: str) -> None:
    chen = books.hire("陈师傅", "worker", "demo-chen")
    number = order(books, state, staff_id=chen.id)
    person = who(books, "demo-chen")
    assert (person.awaiting, person.awaiting_order) == (awaiting, number if awaiting else None)


def test_the_order_that_moved_last_is_the_one_spoken_of(books: Books) -> None:
    chen = books.hire("陈师傅", "worker", "demo-chen")
    order(books, "TAKEN", staff_id=chen.id, moved_at=books.now - timedelta(minutes=9))
    fresh = order(books, "DISPATCHED", staff_id=chen.id)
    assert who(books, "demo-chen").awaiting_order == fresh


def test_one_statement_is_enough_and_two_for_staff(books: Books, now: datetime) -> None:
    books.bind("张伟", "zhang")
    books.hire("陈师傅", "worker", "demo-chen", books.jinxiu, books.wangjiang)
    for openid, most in (("guest", 1), ("zhang", 1), ("demo-chen", 2)):
        books.session.expire_all()
        with counted(books.session) as statements:
            who(books, openid)
        assert len(statements) == most


def test_as_an_actor_the_speaker_keeps_name_and_scope(books: Books) -> None:
    books.bind("张伟", "zhang")
    chen = books.hire("陈师傅", "worker", "demo-chen", books.jinxiu)
    zhang, worker = who(books, "zhang").actor(), who(books, "demo-chen").actor()
    assert (zhang.role, zhang.name, zhang.openid, zhang.staff_id) == ("reporter", "张伟", "zhang", None)
    assert (worker.role, worker.staff_id, worker.community_ids) == ("worker", chen.id, {books.jinxiu.id})
    assert worker.log_name == f"staff:{chen.id}"


def test_no_openid_stands_in_a_log_name(books: Books) -> None:
    assert "guest" not in who(books, "guest").log_name
