"""Joining by invitation, duty, and the two who have one code."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.db import Database
from models.messaging.tables import Outbox
from models.people import staffing
from models.people.staffing import Joined, NotJoined, invite, join, set_duty
from models.people.tables import Invitation, Staff, StaffArea, StaffTrade
from tests.support.books import ACCOUNT, PEPPER, Books, open_books


def invite_chen(books: Books, **said: Any) -> str:
    defaults: dict[str, Any] = {
        "name": "陈师傅",
        "role": "worker",
        "trades": ["水工", "综合"],
        "areas": [(books.jinxiu.id, "")],
        "phone": "13311112222",
        "now": books.now,
    }
    return invite(books.session, company_id=books.company.id, made_by="command", pepper=PEPPER, **(defaults | said))


def say(books: Books, code: str, openid: str = "demo-chen", **said: Any) -> Joined | NotJoined:
    defaults: dict[str, Any] = {"company_id": books.company.id, "now": books.now}
    return join(books.session, account=ACCOUNT, openid=openid, code=code, pepper=PEPPER, **(defaults | said))


def test_an_invitation_brings_role_trades_area_and_duty(books: Books) -> None:
    outcome = say(books, invite_chen(books))
    assert isinstance(outcome, Joined)
    staff = books.session.get_one(Staff, outcome.staff_id)
    assert (staff.name, staff.role, staff.openid, staff.on_duty) == ("陈师傅", "worker", "demo-chen", True)
    trades = books.session.scalars(sa.select(StaffTrade.trade).order_by(StaffTrade.trade)).all()
    assert set(trades) == {"水工", "综合"}
    areas = books.session.execute(sa.select(StaffArea.community_id, StaffArea.building)).all()
    assert [tuple(area) for area in areas] == [(books.jinxiu.id, "")]


def test_somebody_may_be_invited_to_begin_off_duty(books: Books) -> None:
    outcome = say(books, invite_chen(books, on_duty=False))
    assert isinstance(outcome, Joined)
    assert not outcome.on_duty


def test_a_second_person_hears_that_the_code_was_used(books: Books) -> None:
    code = invite_chen(books)
    say(books, code)
    assert say(books, code, "somebody-else") == NotJoined("used")


def test_the_same_person_hears_that_they_belong_already_and_the_code_stays_good(books: Books) -> None:
    say(books, invite_chen(books))
    second = invite_chen(books, name="刘师傅")
    assert say(books, second) == NotJoined("member")
    assert isinstance(say(books, second, "demo-liu"), Joined)


def test_an_invitation_ends_after_seven_days(books: Books) -> None:
    assert say(books, invite_chen(books), now=books.now + timedelta(days=8)) == NotJoined("expired")


def test_unknown_codes_run_out_of_tries(books: Books) -> None:
    assert [say(books, f"7K7M3PQ{letter}") for letter in "ACDEF"] == [NotJoined("unknown")] * 5
    assert say(books, invite_chen(books)) == NotJoined("limit")


def test_a_code_of_another_company_is_unknown(books: Books) -> None:
    assert say(books, invite_chen(books), company_id=books.company.id + 1) == NotJoined("unknown")


def test_who_comes_back_with_a_new_wechat_takes_up_the_old_place(books: Books) -> None:
    old = books.hire("陈师傅", "worker", None)
    outcome = say(books, invite_chen(books))
    assert isinstance(outcome, Joined)
    assert outcome.staff_id == old.id


def test_the_manager_hears_who_joined(books: Books, session: Session) -> None:
    books.hire("赵经理", "manager", "demo-zhaomgr")
    books.hire("钱主任", "manager", "demo-qian", books.wangjiang)
    say(books, invite_chen(books))
    [message] = session.scalars(sa.select(Outbox)).all()
    assert (message.openid, message.kind, message.data["name"]) == ("demo-zhaomgr", "staff_joined", "陈师傅")


def test_duty_is_changed_once(books: Books, now: datetime) -> None:
    chen = books.hire("陈师傅", "worker", "demo-chen")
    assert set_duty(books.session, staff_id=chen.id, on_duty=False, now=now)
    assert not set_duty(books.session, staff_id=chen.id, on_duty=False, now=now)
    books.session.refresh(chen)
    assert (chen.on_duty, chen.duty_since) == (False, None)
    assert set_duty(books.session, staff_id=chen.id, on_duty=True, now=now)
    books.session.refresh(chen)
    assert (chen.on_duty, chen.duty_since) == (True, now)


def _two_say_one_code(database: Database, now: datetime) -> list[str]:
    with database.transaction() as session:
        books = open_books(session, now)
        code, company_id = invite_chen(books), books.company.id
    told: list[str] = []

    def say_it(openid: str) -> None:
        with database.transaction() as session:
            outcome = join(
                session, account=ACCOUNT, openid=openid, company_id=company_id, code=code, pepper=PEPPER, now=now
            )
        told.append("joined" if isinstance(outcome, Joined) else outcome.why)

    threads = [threading.Thread(target=say_it, args=(openid,)) for openid in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def test_of_two_people_with_one_invitation_at_one_moment_one_joins(database: Database, now: datetime) -> None:
    assert _two_say_one_code(database, now) == ["joined", "used"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_without_the_claim_both_would_join(database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: shows that the test above can fail. (SQLite lets only one transaction in at a time.)"""
    both_looked = threading.Barrier(2)

    def look_then_write(session: Session, invitation_id: int, now: datetime) -> bool:
        unused = session.get_one(Invitation, invitation_id).used_at is None
        both_looked.wait(timeout=5)
        session.execute(sa.update(Invitation).where(Invitation.id == invitation_id).values(used_at=now))
        return unused

    monkeypatch.setattr(staffing, "_claim", look_then_write)
    assert _two_say_one_code(database, now) == ["joined", "joined"]
